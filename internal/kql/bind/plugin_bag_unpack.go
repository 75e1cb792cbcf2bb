package bind

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// maxUnpacked is the most columns that bag_unpack and pivot make of what the data hold.
const maxUnpacked = 2000

// slot is a property that bag_unpack makes a column of.
type slot struct {
	key, name string
	typ       schema.Type
}

// bagUnpack makes columns of the properties of a bag: those that the output's schema
// declares, or all there are in the data.
func (b *binder) bagUnpack(in Rel, op *syntax.Evaluate) Rel {
	args := b.pluginArgs(op.Call, 1, "", "OutputColumnPrefix", "columnsConflict", "ignoredProperties")
	x := b.expr(args[0])
	bag, ok := x.(*Ref)
	if !ok && x.Type() == schema.Unknown {
		return b.notYet(in, op, in.Columns())
	}
	if !ok || bag.Type() != schema.Dynamic && bag.Type() != schema.Unknown {
		b.fail(args[0].Span(), "SEM0036", "bag_unpack takes a dynamic column")
	}
	prefix, conflict := b.textArg(args[1], ""), b.textArg(args[2], "error")
	if !slices.Contains([]string{"error", "replace_source", "keep_source"}, conflict) {
		b.fail(args[2].Span(), "SEM0036", "columnsConflict is 'error', 'replace_source' or 'keep_source'")
	}
	if s := op.Schema; s != nil {
		return b.declaredBag(in, bag, s, prefix)
	}
	slots, ok := b.slots(in, bag, prefix, b.textsArg(args[3]))
	if !ok {
		return b.notYet(in, op, slices.DeleteFunc(slices.Clone(in.Columns()), func(c *Column) bool { return c == bag.Col }))
	}
	return b.unpacked(in, bag, slots, conflict, op.Call.Span())
}

// notYet is the result of a plugin whose columns are in data that no one has asked for
// yet: cols, and others. No one plans it.
func (b *binder) notYet(in Rel, op *syntax.Evaluate, cols []*Column) Rel {
	return &Foreign{In: in, Cols: cols, Open: true, What: "The plugin '" + op.Call.Func.Text + "'", At: op.Call.Span()}
}

// declaredBag gives the columns that the query declares, and with * the input's before
// them.
func (b *binder) declaredBag(in Rel, bag *Ref, s *syntax.TypeOf, prefix string) Rel {
	p := &Project{In: in}
	if s.Star {
		for _, c := range visible(in.Columns()) {
			if c != bag.Col {
				p.Items = append(p.Items, Item{c, NewRef(c, bag.Span())})
			}
		}
	}
	for _, c := range s.Columns {
		name := c.Name.Text
		key := name
		if len(prefix) < len(name) && name[:len(prefix)] == prefix {
			key = name[len(prefix):]
		}
		if own := find(visible(in.Columns()), name); own != nil && own != bag.Col {
			p.Items = append(p.Items, Item{b.column(name, c.Type, true), b.convert(NewRef(own, c.Name.Span()), c.Type)})
			continue
		}
		p.Items = append(p.Items, b.slotItem(bag, slot{key, name, c.Type}))
	}
	return p
}

func (b *binder) slotItem(bag *Ref, s slot) Item {
	v := NewCall("path", schema.Dynamic, bag.Span(), bag, NewConst(schema.String, s.key, bag.Span()))
	return Item{b.column(s.name, s.typ, true), b.convert(v, s.typ)}
}

// bagTypes finds out which properties the bags of a column have, and of what types.
var bagTypes = sync.OnceValue(func() []syntax.Operator {
	return operatorsOf(`mv-expand name = bag_keys(bag) | where isnotnull(name) | extend name = tostring(name) | distinct name, type = gettype(bag[name])`)
})

// operatorsOf parses a pipeline of our own.
func operatorsOf(text string) []syntax.Operator {
	q, diags := syntax.Parse("T | " + text)
	if len(diags) > 0 {
		panic("bind: " + text + ": " + diags[0].Message)
	}
	return q.Statements[0].(*syntax.ExprStatement).X.(*syntax.Pipeline).Ops
}

// slots lists the properties in the data, by name. ok is false while they are not known.
func (b *binder) slots(in Rel, bag *Ref, prefix string, ignored []string) (out []slot, ok bool) {
	only := &Project{In: in, Items: []Item{{b.column("bag", schema.Dynamic, true), bag}}}
	var probe Rel
	b.within(nil, func() { probe = b.operators(only, bagTypes()) })
	rows, ok := b.ask(probe, 4*maxUnpacked)
	if !ok {
		return nil, false
	}
	types := map[string]schema.Type{}
	for _, r := range rows {
		key, _ := r[0].(string)
		name, _ := r[1].(string)
		if key == "" || name == "null" || slices.Contains(ignored, key) {
			continue
		}
		t, plain := slotTypes[name]
		if !plain {
			t = schema.Dynamic
		}
		if before, seen := types[key]; seen && before != t {
			t = schema.Dynamic
		}
		types[key] = t
	}
	for key, t := range types {
		out = append(out, slot{key, prefix + key, t})
	}
	if len(out) > maxUnpacked {
		b.fail(bag.Span(), "SEM0081", fmt.Sprintf("The bags have %d properties; bag_unpack makes at most %d columns", len(out), maxUnpacked))
	}
	slices.SortFunc(out, func(x, y slot) int { return cmp.Compare(x.name, y.name) })
	return out, true
}

// slotTypes are the types of columns by what gettype says of their values; all else is
// dynamic.
var slotTypes = map[string]schema.Type{
	"bool": schema.Bool, "int": schema.Long, "long": schema.Long, "real": schema.Real, "double": schema.Real, "string": schema.String,
	"datetime": schema.DateTime, "timespan": schema.TimeSpan, "guid": schema.GUID, "decimal": schema.Decimal,
}

// unpacked puts the slots behind the input's columns. One that is called as the bag
// takes its place.
func (b *binder) unpacked(in Rel, bag *Ref, slots []slot, conflict string, span syntax.Span) Rel {
	p := &Project{In: in, Open: true}
	placed := map[string]bool{}
	for _, c := range visible(in.Columns()) {
		i := slices.IndexFunc(slots, func(s slot) bool { return s.name == c.Name })
		switch {
		case i < 0 && c == bag.Col:
			continue
		case i >= 0 && c != bag.Col && conflict == "error":
			b.fail(span, "SEM0048", fmt.Sprintf("bag_unpack: there is a column '%s' already; columnsConflict says which to keep", c.Name))
		case i >= 0 && (c == bag.Col || conflict == "replace_source"):
			p.Items = append(p.Items, b.slotItem(bag, slots[i]))
		default:
			p.Items = append(p.Items, Item{c, NewRef(c, span)})
		}
		placed[c.Name] = true
	}
	for _, s := range slots {
		if !placed[s.name] {
			p.Items = append(p.Items, b.slotItem(bag, s))
		}
	}
	return p
}

// pluginArgs puts a plugin's arguments in order: by position, or by name. Those left out
// are nil; the first least ones must be there.
func (b *binder) pluginArgs(call *syntax.Call, least int, params ...string) []syntax.Expr {
	b.arity(call, least, len(params))
	out := make([]syntax.Expr, len(params))
	for i, a := range call.Args {
		if n, ok := a.(*syntax.Named); ok {
			if at := slices.Index(params, n.Names[0].Text); at >= 0 {
				out[at] = n.X
				continue
			}
			b.fail(a.Span(), "SEM0036", fmt.Sprintf("%s has no parameter '%s'", call.Func.Text, n.Names[0].Text))
		}
		out[i] = a
	}
	return out
}

// textArg is the constant text of an argument.
func (b *binder) textArg(x syntax.Expr, missing string) string {
	if x == nil {
		return missing
	}
	if c, ok := b.expr(x).(*Const); ok && c.Type() == schema.String {
		return c.Value.(string)
	}
	b.fail(x.Span(), "SEM0036", "A constant text is expected here")
	return ""
}

// textsArg is the constant array of texts of an argument.
func (b *binder) textsArg(x syntax.Expr) []string {
	if x == nil {
		return nil
	}
	if c, ok := b.expr(x).(*Const); ok && c.Type() == schema.Dynamic {
		return constTexts(c)
	}
	b.fail(x.Span(), "SEM0036", "A constant array of texts is expected here")
	return nil
}
