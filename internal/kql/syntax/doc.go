// Package syntax reads KQL text: lexer, parser, syntax tree, printer. Text goes in, a
// tree with the place of every node comes out, with all diagnostics found on the way.
// It knows no tables and no types; what the names mean is bind's matter.
package syntax
