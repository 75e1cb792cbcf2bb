package normalize

var systemMappings = map[int]winMapping{}

var powershellMappings = map[int]winMapping{}

var defenderMappings = map[int]winMapping{}
