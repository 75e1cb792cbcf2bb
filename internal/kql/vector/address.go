package vector

var addressFunctions = []*Function{}
