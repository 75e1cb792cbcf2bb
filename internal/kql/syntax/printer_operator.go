package syntax

import (
	"strings"

	"spoor/internal/schema"
)

// head prints an operator's name and parameters.
func (s *step) head(p *printer, ps Params) {
	p.text(s.word)
	p.params(ps)
	p.text(" ")
}

func (o *Where) print(p *printer) {
	o.head(p, o.Params)
	o.Cond.print(p)
}

func (o *Extend) print(p *printer) {
	o.head(p, nil)
	p.list(o.Columns)
}

func (o *Project) print(p *printer) {
	o.head(p, nil)
	p.list(o.Columns)
}

func (o *ProjectNames) print(p *printer) {
	o.head(p, nil)
	p.list(o.Names)
}

func (o *ProjectRename) print(p *printer) {
	o.head(p, nil)
	p.list(o.Columns)
}

func (o *ProjectReorder) print(p *printer) {
	o.head(p, nil)
	p.sortKeys(o.Names)
}

func (o *Summarize) print(p *printer) {
	o.head(p, o.Params)
	p.list(o.Aggregates)
	if o.HasBy {
		if len(o.Aggregates) > 0 {
			p.text(" ")
		}
		p.text("by ")
		p.list(o.By)
	}
}

func (o *Distinct) print(p *printer) {
	o.head(p, o.Params)
	p.list(o.Columns)
}

func (o *Sort) print(p *printer) {
	o.head(p, o.Params)
	p.text("by ")
	p.sortKeys(o.Keys)
}

func (o *Top) print(p *printer) {
	o.head(p, o.Params)
	o.N.print(p)
	p.text(" by ")
	p.sortKeys(o.Keys)
}

func (o *Take) print(p *printer) {
	o.head(p, nil)
	o.N.print(p)
}

func (o *SampleDistinct) print(p *printer) {
	o.head(p, nil)
	o.N.print(p)
	p.text(" of ")
	o.Of.print(p)
}

func (o *Count) print(p *printer) {
	p.text(o.word)
	if o.As != nil {
		p.text(" as ")
		o.As.print(p)
	}
}

func (o *Join) print(p *printer) {
	o.head(p, o.Params)
	o.Right.print(p)
	if len(o.On) > 0 {
		p.text(" on ")
		p.list(o.On)
	}
}

func (o *Union) print(p *printer) {
	o.head(p, o.Params)
	p.list(o.Tables)
}

func (p *printer) expand(items []ExpandItem, limit Expr) {
	for i, it := range items {
		if i > 0 {
			p.text(", ")
		}
		it.X.print(p)
		if it.To != nil {
			p.text(" to ")
			it.To.print(p)
		}
	}
	if limit != nil {
		p.text(" limit ")
		limit.print(p)
	}
}

func (o *MvExpand) print(p *printer) {
	o.head(p, o.Params)
	p.expand(o.Items, o.Limit)
}

func (o *MvApply) print(p *printer) {
	o.head(p, o.Params)
	p.expand(o.Items, o.Limit)
	if o.ID != nil {
		p.text(" id ")
		o.ID.print(p)
	}
	p.text(" on (")
	p.operators(o.Body)
	p.text(")")
}

func (o *ParseText) print(p *printer) {
	o.head(p, o.Params)
	o.X.print(p)
	p.text(" with")
	for _, part := range o.Pattern {
		p.text(" ")
		switch {
		case part.Star:
			p.text("*")
		case part.Text != nil:
			part.Text.print(p)
		default:
			part.Column.print(p)
			if part.Type != schema.Unknown {
				p.text(":", part.Type.String())
			}
		}
	}
}

func (o *ParseKV) print(p *printer) {
	o.head(p, nil)
	o.X.print(p)
	p.text(" as (")
	p.columnDecls(o.Columns)
	p.text(")")
	if len(o.Params) > 0 {
		p.text(" with (")
		p.properties(o.Params)
		p.text(")")
	}
}

func (o *MakeSeries) print(p *printer) {
	o.head(p, o.Params)
	for i, a := range o.Aggregates {
		if i > 0 {
			p.text(", ")
		}
		a.X.print(p)
		if a.Default != nil {
			p.text(" default=")
			a.Default.print(p)
		}
	}
	p.text(" on ")
	o.On.print(p)
	if o.InRange != nil {
		p.text(" in range(")
		p.list(o.InRange)
		p.text(")")
	} else {
		p.optional(" from ", o.From)
		p.optional(" to ", o.To)
		p.optional(" step ", o.Step)
	}
	if len(o.By) > 0 {
		p.text(" by ")
		p.list(o.By)
	}
}

// optional prints a word and what belongs to it, if that is there.
func (p *printer) optional(word string, x Expr) {
	if x != nil {
		p.text(word)
		x.print(p)
	}
}

func (o *TopNested) print(p *printer) {
	for i, l := range o.Levels {
		if i > 0 {
			p.text(", ")
		}
		p.text(o.word, " ")
		if l.N != nil {
			l.N.print(p)
			p.text(" ")
		}
		p.text("of ")
		l.Of.print(p)
		p.optional(" with others = ", l.Others)
		p.text(" by ")
		l.By.print(p)
		if l.Order != "" {
			p.text(" ", l.Order)
		}
	}
}

func (o *TopHitters) print(p *printer) {
	o.head(p, nil)
	o.N.print(p)
	p.text(" of ")
	o.Of.print(p)
	p.optional(" by ", o.By)
}

func (p *printer) tables(word string, in []Expr) {
	if len(in) > 0 {
		p.text(word, " (")
		p.list(in)
		p.text(") ")
	}
}

func (o *Search) print(p *printer) {
	o.head(p, o.Params)
	p.tables("in", o.In)
	o.Cond.print(p)
}

func (o *Find) print(p *printer) {
	o.head(p, o.Params)
	p.tables("in", o.In)
	p.text("where ")
	o.Cond.print(p)
	if o.Smart {
		p.text(" project-smart")
	}
	if len(o.Project) > 0 {
		p.text(" project ")
		p.list(o.Project)
	}
	if len(o.Away) > 0 {
		p.text(" project-away ")
		p.list(o.Away)
	}
}

func (o *PrintRow) print(p *printer) {
	o.head(p, nil)
	p.list(o.Columns)
}

func (o *Range) print(p *printer) {
	o.head(p, nil)
	o.Name.print(p)
	p.text(" from ")
	o.From.print(p)
	p.text(" to ")
	o.To.print(p)
	p.text(" step ")
	o.By.print(p)
}

func (o *Serialize) print(p *printer) {
	p.text(o.word)
	if len(o.Columns) > 0 {
		p.text(" ")
		p.list(o.Columns)
	}
}

func (o *GetSchema) print(p *printer) { p.text(o.word) }

func (o *Consume) print(p *printer) {
	p.text(o.word)
	p.params(o.Params)
}

func (o *Render) print(p *printer) {
	p.text(o.word, " ", o.Kind.Text)
	if len(o.Params) > 0 {
		p.text(" with (")
		p.properties(o.Params)
		p.text(")")
	}
}

func (o *Invoke) print(p *printer) {
	o.head(p, nil)
	o.Call.print(p)
}

func (o *Evaluate) print(p *printer) {
	o.head(p, o.Params)
	o.Call.print(p)
	if o.Schema != nil {
		p.text(" : (")
		o.Schema.printContent(p)
		p.text(")")
	}
}

func (o *As) print(p *printer) {
	o.head(p, o.Params)
	o.Name.print(p)
}

func (o *Partition) print(p *printer) {
	o.head(p, o.Params)
	p.text("by ")
	o.By.print(p)
	switch body := o.Body.(type) { //nolint:gochecksumtype // the others need nothing here
	case nil:
	case *Pipeline:
		if body.Source == nil && len(body.Ops) > 0 {
			p.text(" (")
			p.operators(body.Ops)
			p.text(")")
			return
		}
		p.text(" {")
		body.print(p)
		p.text("}")
	default:
		p.text(" {")
		body.print(p)
		p.text("}")
	}
}

func (o *Fork) print(p *printer) {
	p.text(o.word)
	for _, b := range o.Branches {
		p.text(" ")
		if b.Name != nil {
			b.Name.print(p)
			p.text("=")
		}
		p.text("(")
		p.operators(b.Ops)
		p.text(")")
	}
}

func (o *Facet) print(p *printer) {
	o.head(p, nil)
	p.text("by ")
	p.list(o.By)
	if len(o.With) > 0 {
		p.text(" with (")
		p.operators(o.With)
		p.text(")")
	}
}

func (o *Reduce) print(p *printer) {
	o.head(p, o.Params)
	p.text("by ")
	o.By.print(p)
	if len(o.With) > 0 {
		p.text(" with ")
		p.properties(o.With)
	}
}

func (o *Scan) print(p *printer) {
	o.head(p, o.Params)
	if len(o.OrderBy) > 0 {
		p.text("order by ")
		p.sortKeys(o.OrderBy)
		p.text(" ")
	}
	if len(o.PartBy) > 0 {
		p.text("partition by ")
		p.list(o.PartBy)
		p.text(" ")
	}
	if len(o.Declare) > 0 {
		p.text("declare (")
		for i, v := range o.Declare {
			if i > 0 {
				p.text(", ")
			}
			p.columnDecls([]ColumnDecl{v.Column})
			p.optional(" = ", v.Default)
		}
		p.text(") ")
	}
	p.text("with (")
	for _, st := range o.Steps {
		p.text("\n  step ")
		st.Name.print(p)
		if st.Optional {
			p.text(" optional")
		}
		if st.Output != "" {
			p.text(" output=", st.Output)
		}
		p.text(": ")
		st.Cond.print(p)
		if len(st.Assign) > 0 {
			p.text(" => ")
			p.list(st.Assign)
		}
		p.text(";")
	}
	p.text(")")
}

func (o *Raw) print(p *printer) {
	p.text(o.word, " ", strings.Join(o.Tokens, " "))
}
