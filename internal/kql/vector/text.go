package vector

var textFunctions = []*Function{}
