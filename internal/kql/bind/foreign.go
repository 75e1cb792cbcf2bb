package bind

import (
	"spoor/internal/kql/syntax"
)

// plugin binds evaluate. The columns that the plugin adds are known for few; for others
// the result is open.
func (b *binder) plugin(in Rel, op *syntax.Evaluate) Rel {
	switch op.Call.Func.Text {
	case "bag_unpack":
		return b.bagUnpack(in, op)
	case "pivot":
		return b.pivot(in, op)
	}
	if bind, ok := plugins[op.Call.Func.Text]; ok {
		return bind(b, in, op.Call)
	}
	f := &Foreign{In: in, What: "The plugin '" + op.Call.Func.Text + "'", At: op.Call.Func.Span(), Open: true}
	if op.Schema != nil {
		f.Open = false
		for _, c := range op.Schema.Columns {
			f.Cols = append(f.Cols, b.column(c.Name.Text, c.Type, true))
		}
		return f
	}
	b.unsupported(op.Call.Func.Span(), f.What)
	return nil
}

// isOpen reports whether columns may come that are known at run time only.
func isOpen(r Rel) bool {
	switch r := r.(type) {
	case *Foreign:
		return r.Open || r.In != nil && isOpen(r.In) && r.What == ""
	case *Where:
		return isOpen(r.In)
	case *Sort:
		return isOpen(r.In)
	case *Take:
		return isOpen(r.In)
	case *Window:
		return isOpen(r.In)
	case *Expand:
		return isOpen(r.In)
	case *Join:
		return isOpen(r.Left) || isOpen(r.Right)
	case *Project:
		return r.Open || !r.Closed && isOpen(r.In)
	case *Summarize:
		return r.Open
	case *Shared:
		return isOpen(r.In)
	case *Union:
		for _, p := range r.Parts {
			if isOpen(p.In) {
				return true
			}
		}
	case *Walk:
		return isOpen(r.In)
	case *Values:
		return r.Open
	case *Graph, *Apply, *Outside, *Table, *Range, *Series:
	}
	return false
}
