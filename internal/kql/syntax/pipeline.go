package syntax

import (
	"fmt"
	"maps"
	"slices"

	"spoor/internal/schema"
)

// operatorParsers read what follows an operator's name.
var operatorParsers map[string]func(p *parser, s step) Operator

func init() {
	operatorParsers = map[string]func(p *parser, s step) Operator{
		"where": (*parser).where, "filter": (*parser).where,
		"extend":       func(p *parser, s step) Operator { return &Extend{s, p.columns()} },
		"project":      func(p *parser, s step) Operator { return &Project{s, p.columns()} },
		"project-away": (*parser).projectNames, "project-keep": (*parser).projectNames, "project-by-names": (*parser).projectNames,
		"project-rename":  func(p *parser, s step) Operator { return &ProjectRename{s, p.columns()} },
		"project-reorder": (*parser).projectReorder,
		"summarize":       (*parser).summarize,
		"distinct":        func(p *parser, s step) Operator { ps := p.opParams(); return &Distinct{s, ps, p.list(p.namedExpr)} },
		"sort":            (*parser).sort, "order": (*parser).sort,
		"top":  (*parser).top,
		"take": (*parser).take, "limit": (*parser).take, "sample": (*parser).take,
		"sample-distinct": (*parser).sampleDistinct,
		"count":           (*parser).count,
		"join":            (*parser).join, "lookup": (*parser).join,
		"union":     (*parser).union,
		"mv-expand": (*parser).mvExpand, "mvexpand": (*parser).mvExpand,
		"mv-apply": (*parser).mvApply, "mvapply": (*parser).mvApply,
		"parse": (*parser).parseText, "parse-where": (*parser).parseText,
		"parse-kv":    (*parser).parseKV,
		"make-series": (*parser).makeSeries,
		"top-nested":  (*parser).topNested,
		"top-hitters": (*parser).topHitters,
		"search":      (*parser).search,
		"find":        (*parser).find,
		"print":       func(p *parser, s step) Operator { return &PrintRow{s, p.columns()} },
		"range":       (*parser).rangeOp,
		"serialize":   (*parser).serialize,
		"getschema":   func(_ *parser, s step) Operator { return &GetSchema{s} },
		"consume":     func(p *parser, s step) Operator { return &Consume{s, p.opParams("decodeblocks")} },
		"render":      (*parser).render,
		"invoke":      (*parser).invoke,
		"evaluate":    (*parser).evaluate,
		"as":          func(p *parser, s step) Operator { ps := p.opParams(); return &As{s, ps, p.name()} },
		"partition":   (*parser).partition,
		"fork":        (*parser).fork,
		"facet":       (*parser).facet,
		"reduce":      (*parser).reduce,
		"scan":        (*parser).scan,
		"make-graph":  (*parser).makeGraph,
		"graph-match": (*parser).graphMatch, "graph-shortest-paths": (*parser).graphMatch,
		"graph-to-table":        (*parser).graphToTable,
		"graph-mark-components": (*parser).graphMarkComponents,
		"graph-where-nodes":     (*parser).raw, "graph-where-edges": (*parser).raw, "graph-merge": (*parser).raw,
		"macro-expand": (*parser).raw, "assert-schema": (*parser).raw, "execute-and-cache": (*parser).raw,
	}
}

// operator reads one operator, its name first.
func (p *parser) operator() Operator {
	defer p.deeper()()
	start := p.peek()
	word, n := p.operatorWord()
	parse, ok := operatorParsers[word]
	if !ok {
		if start.kind != tokenName {
			p.fail(start.span, "SYN0002", "expected an operator, found "+describe(start))
		}
		p.fail(start.span, "SYN0002", fmt.Sprintf("there is no operator %q%s", word, Suggest(word, slices.Collect(maps.Keys(operatorParsers)))))
	}
	p.at += n
	s := step{word: word, WordSpan: p.since(start.span).span}
	op := parse(p, s)
	op.(interface{ place(at) }).place(p.since(start.span))
	return op
}

func (s *step) place(a at) { s.at = a }

// operatorWord joins the parts of a name such as project-away and counts its tokens.
func (p *parser) operatorWord() (string, int) {
	word, n := p.peek().text, 1
	for p.isAt(n, "-") && p.adjacent(n) && p.adjacent(n+1) && p.peekAt(n+1).kind == tokenName {
		longer := word + "-" + p.peekAt(n+1).text
		word, n = longer, n+2
	}
	return word, n
}

// columns reads a list of columns that may be empty.
func (p *parser) columns() []Expr {
	if p.endsOperator() {
		return nil
	}
	return p.list(p.namedExpr)
}

func (p *parser) where(s step) Operator {
	return &Where{s, p.opParams(), p.condExpr()}
}

// condExpr reads a condition, in which "=" stands for "==".
func (p *parser) condExpr() Expr {
	defer func(outer bool) { p.condition = outer }(p.condition)
	p.condition = true
	return p.expr()
}

func (p *parser) projectNames(s step) Operator {
	if s.word == "project-by-names" {
		return &ProjectNames{s, p.list(p.element)}
	}
	return &ProjectNames{s, p.list(p.wildcardName)}
}

func (p *parser) projectReorder(s step) Operator {
	op := &ProjectReorder{step: s}
	for {
		k := SortKey{X: p.wildcardName()}
		if t := p.peek(); t.kind == tokenName {
			word, n := p.operatorWord()
			if contains([]string{"asc", "desc", "granny-asc", "granny-desc"}, word) {
				p.at += n
				k.Order = word
			}
		}
		op.Names = append(op.Names, k)
		if !p.accept(",") {
			return op
		}
	}
}

func (p *parser) summarize(s step) Operator {
	op := &Summarize{step: s, Params: p.opParams()}
	if !p.is("by") && !p.endsOperator() {
		op.Aggregates = p.list(p.namedExpr)
	}
	p.accept(",")
	if p.accept("by") {
		op.HasBy = true
		op.By = p.columns()
	}
	return op
}

func (p *parser) sort(s step) Operator {
	ps := p.opParams()
	p.expect("by")
	return &Sort{s, ps, p.sortKeys()}
}

func (p *parser) sortKeys() []SortKey {
	keys := []SortKey{p.sortKey()}
	for p.accept(",") {
		keys = append(keys, p.sortKey())
	}
	return keys
}

// sortKey reads expr [asc|desc] [nulls first|last]. The default is descending; nulls
// stand first when ascending.
func (p *parser) sortKey() SortKey {
	k := SortKey{X: p.namedExpr()}
	if p.is("asc") || p.is("desc") {
		k.Order = p.next().text
	}
	k.Desc = k.Order != "asc"
	k.NullsFirst = !k.Desc
	if p.accept("nulls") {
		if !p.is("first") && !p.is("last") {
			p.fail(p.peek().span, "SYN0002", "expected first or last, found "+describe(p.peek()))
		}
		k.Nulls = p.next().text
		k.NullsFirst = k.Nulls == "first"
	}
	return k
}

func (p *parser) top(s step) Operator {
	op := &Top{step: s, Params: p.opParams()}
	op.N = p.expr()
	p.expect("by")
	op.Keys = p.sortKeys()
	return op
}

func (p *parser) take(s step) Operator { return &Take{s, p.expr()} }

func (p *parser) sampleDistinct(s step) Operator {
	op := &SampleDistinct{step: s, N: p.expr()}
	p.expect("of")
	op.Of = p.expr()
	return op
}

func (p *parser) count(s step) Operator {
	op := &Count{step: s}
	if p.accept("as") {
		n := p.name()
		op.As = &n
	}
	return op
}

func (p *parser) join(s step) Operator {
	op := &Join{step: s, Params: p.opParams("kind", "isfuzzy", "withsource")}
	op.Right = p.operand()
	switch {
	case p.accept("on"):
		op.On = p.list(p.expr)
	case p.accept("where"):
		op.On = []Expr{p.expr()}
	}
	return op
}

// operand reads the table of a join or union: a name, a call, or a query in
// parentheses.
func (p *parser) operand() Expr {
	if p.peek().kind == tokenName && !p.isAt(1, "(") && (!p.is("datatable") && !p.is("externaldata")) {
		return p.wildcardName()
	}
	if p.is("*") {
		return p.wildcardName()
	}
	return p.unary()
}

func (p *parser) union(s step) Operator {
	op := &Union{step: s, Params: p.opParams("kind", "withsource", "with_source", "isfuzzy")}
	op.Tables = p.list(p.operand)
	return op
}

func (p *parser) mvExpand(s step) Operator {
	op := &MvExpand{step: s, Params: p.opParams("kind", "bagexpansion", "with_itemindex")}
	op.Items = p.expandItems()
	if p.accept("limit") {
		op.Limit = p.expr()
	}
	return op
}

func (p *parser) expandItems() []ExpandItem {
	var items []ExpandItem
	for {
		item := ExpandItem{X: p.namedExpr()}
		if p.accept("to") {
			if !p.is("typeof") {
				p.fail(p.peek().span, "SYN0002", "expected typeof, found "+describe(p.peek()))
			}
			item.To = p.typeOf().(*TypeOf)
		}
		items = append(items, item)
		if !p.accept(",") {
			return items
		}
	}
}

func (p *parser) mvApply(s step) Operator {
	op := &MvApply{step: s, Params: p.opParams("kind", "bagexpansion", "with_itemindex")}
	op.Items = p.expandItems()
	if p.accept("limit") {
		op.Limit = p.expr()
	}
	if p.accept("id") {
		n := p.name()
		op.ID = &n
	}
	p.expect("on")
	op.Body = p.subPipeline()
	return op
}

// subPipeline reads operators in parentheses, the first with or without its pipe.
func (p *parser) subPipeline() []Operator {
	p.expect("(")
	var ops []Operator
	if !p.is("|") {
		ops = append(ops, p.operator())
	}
	ops = append(ops, p.pipes()...)
	p.expect(")")
	return ops
}

func (p *parser) parseText(s step) Operator {
	op := &ParseText{step: s, Params: p.opParams("kind", "flags")}
	op.X = p.expr()
	p.expect("with")
	for !p.endsOperator() {
		op.Pattern = append(op.Pattern, p.patternPart())
	}
	return op
}

func (p *parser) patternPart() PatternPart {
	t := p.peek()
	part := PatternPart{Span: t.span}
	switch {
	case p.accept("*"):
		part.Star = true
	case t.kind == tokenString:
		part.Text = p.literal()
		part.Span = part.Text.Span()
	case t.kind == tokenName || p.is("["):
		n := p.name()
		part.Column = &n
		if p.accept(":") {
			part.Type = p.typeName()
		}
		part.Span = p.since(t.span).span
	default:
		p.fail(t.span, "SYN0002", "expected a text, a column or *, found "+describe(t))
	}
	return part
}

func (p *parser) parseKV(s step) Operator {
	op := &ParseKV{step: s, X: p.expr()}
	p.expect("as")
	p.expect("(")
	op.Columns = p.columnDecls()
	p.expect(")")
	if p.accept("with") {
		p.expect("(")
		op.Params = p.propertyList()
		p.expect(")")
	}
	return op
}

func (p *parser) makeSeries(s step) Operator {
	op := &MakeSeries{step: s, Params: p.opParams("kind")}
	for {
		a := SeriesAggregate{X: p.namedExpr()}
		if p.accept("default") {
			p.expect("=")
			a.Default = p.expr()
		}
		op.Aggregates = append(op.Aggregates, a)
		if !p.accept(",") {
			break
		}
	}
	p.expect("on")
	op.On = p.axis()
	if p.accept("in") {
		p.expect("range")
		p.expect("(")
		op.InRange = p.list(p.expr)
		p.expect(")")
	} else {
		if p.accept("from") {
			op.From = p.expr()
		}
		if p.accept("to") {
			op.To = p.expr()
		}
		if p.accept("step") {
			op.Step = p.expr()
		}
	}
	if p.accept("by") {
		op.By = p.columns()
	}
	return op
}

// axis reads the column that make-series runs along; "in range" may follow, which is
// not the operator in.
func (p *parser) axis() Expr {
	start := p.peek().span
	if n := p.nameLength(); n > 0 && p.isAt(n, "=") {
		name := p.name()
		p.next()
		x := p.additive()
		return &Named{p.since(start), []Name{name}, false, x, false}
	}
	return p.additive()
}

func (p *parser) topNested(s step) Operator {
	op := &TopNested{step: s}
	for {
		var l NestedLevel
		if !p.is("of") {
			l.N = p.expr()
		}
		p.expect("of")
		l.Of = p.namedExpr()
		if p.accept("with") {
			p.expect("others")
			p.expect("=")
			l.Others = p.expr()
		}
		p.expect("by")
		l.By = p.namedExpr()
		if p.is("asc") || p.is("desc") {
			l.Order = p.next().text
		}
		op.Levels = append(op.Levels, l)
		if !p.accept(",") {
			return op
		}
		if word, n := p.operatorWord(); word == "top-nested" {
			p.at += n
		}
	}
}

func (p *parser) topHitters(s step) Operator {
	op := &TopHitters{step: s, N: p.expr()}
	p.expect("of")
	op.Of = p.expr()
	if p.accept("by") {
		op.By = p.expr()
	}
	return op
}

func (p *parser) search(s step) Operator {
	op := &Search{step: s, Params: p.opParams("kind")}
	if p.accept("in") {
		op.In = p.tableList()
	}
	op.Cond = p.expr()
	return op
}

func (p *parser) tableList() []Expr {
	p.expect("(")
	list := p.list(p.operand)
	p.expect(")")
	return list
}

func (p *parser) find(s step) Operator {
	op := &Find{step: s, Params: p.opParams("withsource", "with_source", "datascope")}
	if p.accept("in") {
		op.In = p.tableList()
	}
	p.accept("where")
	op.Cond = p.expr()
	word, n := p.operatorWord()
	switch word {
	case "project":
		p.at += n
		op.Project = p.list(p.findColumn)
	case "project-smart":
		p.at += n
		op.Smart = true
	}
	if word, n := p.operatorWord(); word == "project-away" {
		p.at += n
		op.Away = p.list(p.wildcardName)
	}
	return op
}

// findColumn reads name[:type] or pack(*).
func (p *parser) findColumn() Expr {
	if n := p.nameLength(); n > 0 && p.isAt(n, ":") {
		start := p.peek().span
		name := p.name()
		p.next()
		typ := p.typeName()
		return &Named{p.since(start), []Name{name}, false, &TypeOf{at: p.since(start), Type: typ}, true}
	}
	return p.namedExpr()
}

func (p *parser) rangeOp(s step) Operator {
	op := &Range{step: s, Name: p.name()}
	p.expect("from")
	op.From = p.expr()
	p.expect("to")
	op.To = p.expr()
	p.expect("step")
	op.By = p.expr()
	return op
}

func (p *parser) serialize(s step) Operator {
	p.opParams()
	return &Serialize{s, p.columns()}
}

func (p *parser) render(s step) Operator {
	op := &Render{step: s}
	op.Kind = p.name()
	if p.accept("with") {
		p.expect("(")
		op.Params = p.renderProps(")")
		p.expect(")")
	} else if p.accept("by") {
		n := p.name()
		op.Params = Params{{Name: Name{at: n.at, Text: "by"}, Value: &n}}
	} else {
		op.Params = p.renderProps("|")
	}
	return op
}

// renderProps reads name=value pairs with commas or blanks between them.
func (p *parser) renderProps(end string) Params {
	var list Params
	for p.peek().kind == tokenName && p.isAt(1, "=") {
		name := p.name()
		p.next()
		v := p.paramValue()
		for name.Text != "title" && p.is(",") && !p.isAt(2, "=") && p.peekAt(1).kind == tokenName {
			p.next() // ycolumns=a, b
			more := p.name()
			v = &Named{at{v.Span().To(more.span)}, []Name{more}, false, v, false}
		}
		list = append(list, OpParam{name, v})
		p.accept(",")
		if p.is(end) {
			break
		}
	}
	return list
}

func (p *parser) invoke(s step) Operator {
	n := p.name()
	return &Invoke{s, p.postfix(p.call(n))}
}

func (p *parser) evaluate(s step) Operator {
	op := &Evaluate{step: s, Params: p.opParams()}
	op.Call = p.call(p.name())
	if p.accept(":") {
		start := p.expect("(").span
		t := &TypeOf{}
		if p.accept("*") {
			t.Star = true
			p.accept(",")
		}
		t.Columns = p.columnDecls()
		p.expect(")")
		t.at = p.since(start)
		op.Schema = t
	}
	return op
}

func (p *parser) partition(s step) Operator {
	op := &Partition{step: s, Params: p.opParams("concurrency")}
	p.expect("by")
	op.By = p.expr0Column()
	if p.is("(") {
		start := p.peek().span
		op.Body = &Pipeline{at{start}, nil, p.subPipeline()}
	} else if p.accept("{") {
		op.Body = p.pipeline()
		p.expect("}")
	}
	return op
}

// expr0Column reads a column's name that a parenthesis may follow, which is no call.
func (p *parser) expr0Column() Expr {
	n := p.name()
	return &n
}

func (p *parser) fork(s step) Operator {
	op := &Fork{step: s}
	for {
		var b ForkBranch
		if p.peek().kind == tokenName && p.isAt(1, "=") {
			n := p.name()
			b.Name = &n
			p.next()
		}
		if !p.is("(") {
			return op
		}
		b.Ops = p.subPipeline()
		op.Branches = append(op.Branches, b)
	}
}

func (p *parser) facet(s step) Operator {
	op := &Facet{step: s}
	p.expect("by")
	op.By = p.list(p.expr)
	if p.accept("with") {
		if p.is("(") {
			op.With = p.subPipeline()
		} else {
			op.With = []Operator{p.operator()}
		}
	}
	return op
}

func (p *parser) reduce(s step) Operator {
	op := &Reduce{step: s, Params: p.opParams("kind", "threshold", "characters")}
	p.expect("by")
	op.By = p.expr()
	if p.accept("with") {
		op.With = p.propertyList()
	}
	return op
}

func (p *parser) scan(s step) Operator {
	op := &Scan{step: s, Params: p.opParams("with_match_id", "with_step_name")}
	if p.is("order") && p.isAt(1, "by") {
		p.at += 2
		op.OrderBy = p.sortKeys()
	}
	if p.is("partition") && p.isAt(1, "by") {
		p.at += 2
		op.PartBy = p.list(p.expr)
	}
	if p.accept("declare") {
		p.expect("(")
		for !p.is(")") {
			v := ScanVar{Column: ColumnDecl{Name: p.name(), Type: schema.Unknown}}
			p.expect(":")
			v.Column.Type = p.typeName()
			if p.accept("=") {
				v.Default = p.expr()
			}
			op.Declare = append(op.Declare, v)
			if !p.accept(",") {
				break
			}
		}
		p.expect(")")
	}
	p.expect("with")
	p.expect("(")
	for p.is("step") {
		op.Steps = append(op.Steps, p.scanStep())
	}
	p.expect(")")
	return op
}

func (p *parser) scanStep() ScanStep {
	p.expect("step")
	st := ScanStep{Name: p.name()}
	st.Optional = p.accept("optional")
	if p.accept("output") {
		p.expect("=")
		st.Output = p.name().Text
	}
	p.expect(":")
	st.Cond = p.expr()
	if p.accept("=>") {
		st.Assign = p.list(p.namedExpr)
	}
	p.expect(";")
	return st
}

// raw reads an operator without taking it apart, up to the pipe that ends it.
func (p *parser) raw(s step) Operator {
	op := &Raw{step: s}
	from := p.at
	p.skipTo("|", ";")
	for _, t := range p.tokens[from:p.at] {
		op.Tokens = append(op.Tokens, t.text)
	}
	return op
}
