package bind

import (
	"fmt"
	regex "regexp/syntax"
	"slices"
	"strings"

	"spoor/internal/kql/builtin"
	"spoor/internal/kql/syntax"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// special binds the functions whose meaning depends on more than their arguments'
// values.
var special map[string]func(b *binder, x *syntax.Call) Expr

func init() {
	special = map[string]func(b *binder, x *syntax.Call) Expr{
		"toscalar": (*binder).toScalar, "now": (*binder).now, "ago": (*binder).ago, "ingestion_time": (*binder).ingestionTime,
		"column_ifexists": (*binder).columnIfExists, "columnifexists": (*binder).columnIfExists, "iscolumnexists": (*binder).columnExists,
		"pack_all": (*binder).packAll, "bag_pack_columns": (*binder).bagPackColumns, "pack_array": (*binder).packArray,
		"parse_json": (*binder).parseJSON, "todynamic": (*binder).parseJSON, "parsejson": (*binder).parseJSON, "toobject": (*binder).parseJSON,
		"row_number": (*binder).window, "row_cumsum": (*binder).window, "row_rank_dense": (*binder).window, "row_rank_min": (*binder).window,
		"prev": (*binder).window, "next": (*binder).window, "row_window_session": (*binder).window,
		"current_database": func(_ *binder, x *syntax.Call) Expr { return NewConst(schema.String, "Spoor", x.Span()) },
		"materialize":      func(b *binder, x *syntax.Call) Expr { b.arity(x, 1, 1); return b.expr(x.Args[0]) },
		"replace":          (*binder).oldReplace,
		"array_sort_asc":   (*binder).arraySort, "array_sort_desc": (*binder).arraySort,
		"around": (*binder).around, "bin_auto": (*binder).binAuto, "estimate_data_size": (*binder).dataSize, "column_names_of": (*binder).columnNamesOf,
		"hash_many": (*binder).hashMany,
	}
}

// made are the functions that make a time of parts, or of one value as a conversion does.
var made = map[string]schema.Type{"make_datetime": schema.DateTime, "make_timespan": schema.TimeSpan}

// call binds a function call.
func (b *binder) call(x *syntax.Call) Expr {
	if def, ok := b.lookup(x.Func.Text); ok && def.fn != nil {
		return b.invokeScalar(def, x.Args, x.Span())
	}
	if bind, ok := graphFunctions[x.Func.Text]; ok && b.pattern != nil {
		return bind(b, x)
	}
	if bind, ok := special[x.Func.Text]; ok {
		return bind(b, x)
	}
	if parts, ok := b.tuple(x); ok {
		return parts[0].x // where one value is wanted, the first
	}
	if t, ok := made[x.Func.Text]; ok && len(x.Args) == 1 {
		return b.convert(b.expr(x.Args[0]), t)
	}
	f, ok := builtin.Scalar(x.Func.Text)
	if !ok {
		b.unknownFunction(x)
	}
	args := make([]Expr, 0, len(x.Args))
	for _, a := range x.Args {
		if t, ok := a.(*syntax.TypeOf); ok {
			args = append(args, &Const{typed{schema.Unknown, t.Span()}, t.Type})
			continue
		}
		args = append(args, b.expr(a))
	}
	return b.resolve(f, x, args)
}

func (b *binder) unknownFunction(x *syntax.Call) {
	if _, ok := builtin.Aggregate(x.Func.Text); ok {
		b.fail(x.Func.Span(), "SEM0046", fmt.Sprintf("The aggregate '%s' has a meaning in summarize only", x.Func.Text))
	}
	b.fail(x.Func.Span(), "SEM0260", fmt.Sprintf("Unknown function: '%s'%s", x.Func.Text, syntax.Suggest(x.Func.Text, append(b.functionNames(), builtin.Names()...))))
}

// resolve chooses the overload and converts the arguments to what it takes.
func (b *binder) resolve(f *builtin.Function, x *syntax.Call, args []Expr) *Call {
	sig, params := b.overload(f, x, args)
	b.checkUnit(f, args)
	b.checkPattern(f, args)
	common := b.commonType(f, params, args)
	out := make([]Expr, 0, len(args))
	typ := schema.Unknown
	for i, a := range args {
		p := params[i]
		switch p.Kind {
		case builtin.KindTypeOf:
			typ, _ = a.(*Const).Value.(schema.Type)
			continue
		case builtin.KindCommon:
			a = b.convert(a, common)
		case builtin.KindTypes:
			if !slices.Contains(p.Types, a.Type()) {
				a = b.convert(a, p.Types[0])
			}
		case builtin.KindAsText, builtin.KindText:
			a = b.convert(a, schema.String)
		case builtin.KindNumber, builtin.KindSummable:
			if a.Type() == schema.Dynamic {
				a = b.convert(a, schema.Real)
			}
		case builtin.KindInteger:
			a = b.convert(a, schema.Long)
		case builtin.KindDynamic:
			a = b.convert(a, schema.Dynamic)
		default: // the others need nothing here
		}
		out = append(out, a)
	}
	result := sig.Result.Type
	switch sig.Result.Rule {
	case builtin.ResultArg:
		result = args[sig.Result.Arg].Type()
	case builtin.ResultCommon:
		result = common
	case builtin.ResultWidest:
		result = schema.Long
		for i, a := range out {
			if params[i].Kind == builtin.KindNumber {
				result = widest(result, a.Type())
			}
		}
		for i := range out {
			if params[i].Kind == builtin.KindNumber {
				out[i] = b.convert(out[i], result)
			}
		}
	case builtin.ResultSum:
		result = sumType(args[0].Type())
	case builtin.ResultLiteral:
		result = typ
	default: // the others need nothing here
	}
	return NewCall(f.Canonical, result, x.Span(), out...)
}

// units are the words for parts of a time that the functions take, in any case.
var (
	fixedUnits = []string{"year", "quarter", "month", "day", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond"}
	units      = map[string][]string{
		"datetime_part": append([]string{"week_of_year", "weekofyear", "dayofyear"}, fixedUnits...),
		"datetime_add":  append([]string{"week"}, fixedUnits...),
		"datetime_diff": append([]string{"week"}, fixedUnits...),
	}
)

// checkUnit refuses a part of a time that there is not.
func (b *binder) checkUnit(f *builtin.Function, args []Expr) {
	known, ok := units[f.Canonical]
	if !ok {
		return
	}
	if c, ok := args[0].(*Const); ok {
		if s, ok := c.Value.(string); ok && !slices.Contains(known, strings.ToLower(s)) {
			b.fail(c.Span(), "SEM0086", fmt.Sprintf("%s(): '%s' is no part of a time%s", f.Name, s, syntax.Suggest(s, known)))
		}
	}
}

// patterns tells which argument of a function is a regular expression.
var patterns = map[string]int{
	"extract": 0, "extract_all": 0, "trim": 0, "trim_start": 0, "trim_end": 0, "replace_regex": 1, "indexof_regex": 1,
}

// checkPattern refuses a constant regular expression that is none.
func (b *binder) checkPattern(f *builtin.Function, args []Expr) {
	at, ok := patterns[f.Canonical]
	if f.Canonical == "countof" && len(args) == 3 {
		kind, isConst := args[2].(*Const)
		at, ok = 1, isConst && kind.Value == "regex"
	}
	if !ok {
		return
	}
	if f.Canonical != "replace_regex" {
		b.checkRegex(args[at])
	} else if err := badRegex(args[at]); err != nil { // published queries have such
		b.warn(args[at].Span(), "SEM0420", "The regular expression is not valid, and nothing is replaced: "+err.Error())
	}
}

func (b *binder) checkRegex(x Expr) {
	if err := badRegex(x); err != nil {
		b.fail(x.Span(), "SEM0420", "The regular expression is not valid: "+err.Error())
	}
}

// badRegex tells what is wrong with a constant regular expression.
func badRegex(x Expr) error {
	if c, ok := x.(*Const); ok {
		if s, ok := c.Value.(string); ok {
			_, err := regex.Parse(vector.RegexShape(s), regex.Perl)
			return err
		}
	}
	return nil
}

// sumType is the type of a sum: that of its argument, an int made a long.
func sumType(t schema.Type) schema.Type {
	if t == schema.Int || t == schema.Bool {
		return schema.Long
	}
	return t
}

// overload finds the signature that takes the arguments, and the parameter of each.
func (b *binder) overload(f *builtin.Function, x *syntax.Call, args []Expr) (*builtin.Signature, []*builtin.Param) {
	least, most := 1<<30, 0
	var worst string
	for i := range f.Signatures {
		sig := &f.Signatures[i]
		if params, ok := assign(sig, len(args)); ok && exact(params, args) {
			return sig, params
		}
	}
	for i := range f.Signatures {
		sig := &f.Signatures[i]
		lo, hi := bounds(sig)
		least, most = min(least, lo), max(most, hi)
		params, ok := assign(sig, len(args))
		if !ok {
			continue
		}
		if at := mismatch(params, args); at >= 0 {
			worst = fmt.Sprintf("%s(): the argument '%s' cannot be a %s", f.Name, params[at].Name, args[at].Type())
			if i == len(f.Signatures)-1 {
				b.fail(args[at].Span(), "SEM0219", worst)
			}
			continue
		}
		return sig, params
	}
	if worst != "" {
		b.fail(x.Span(), "SEM0219", worst)
	}
	b.fail(x.Span(), "SEM0219", fmt.Sprintf("%s(): %s expected, %d given", f.Name, arguments(least, most), len(args)))
	return nil, nil
}

func bounds(sig *builtin.Signature) (least, most int) {
	for _, p := range sig.Params {
		least, most = least+p.Min, most+p.Max
	}
	return least, most
}

// assign gives each of n arguments its parameter. Repeating parameters that follow one
// another (case's predicate and then) take turns.
func assign(sig *builtin.Signature, n int) ([]*builtin.Param, bool) {
	least, most := bounds(sig)
	if n < least || n > most {
		return nil, false
	}
	var repeat []int // the parameters that repeat
	for i, p := range sig.Params {
		if p.Max > 1 {
			repeat = append(repeat, i)
		}
	}
	var out []*builtin.Param
	if len(repeat) == 0 {
		for i := range n {
			out = append(out, &sig.Params[i])
		}
		return out, true
	}
	first, last := repeat[0], repeat[len(repeat)-1]
	tail := 0
	for i := last + 1; i < len(sig.Params); i++ {
		tail += sig.Params[i].Min
	}
	if n-first-tail < 0 || len(repeat) > 1 && (n-first-tail)%len(repeat) != 0 {
		return nil, false
	}
	for i := range n {
		switch {
		case i < first:
			out = append(out, &sig.Params[i])
		case i >= n-tail:
			out = append(out, &sig.Params[len(sig.Params)-(n-i)])
		default:
			out = append(out, &sig.Params[first+(i-first)%len(repeat)])
		}
	}
	return out, true
}

// exact reports whether every argument is of the very type its parameter asks for.
func exact(params []*builtin.Param, args []Expr) bool {
	for i, p := range params {
		t := args[i].Type()
		switch p.Kind {
		case builtin.KindTypes:
			if !slices.Contains(p.Types, t) {
				return false
			}
		case builtin.KindInteger:
			if t != schema.Int && t != schema.Long {
				return false
			}
		default:
			if !takes(p, args[i]) {
				return false
			}
		}
	}
	return true
}

// mismatch is the first argument that its parameter does not take, or -1.
func mismatch(params []*builtin.Param, args []Expr) int {
	for i, p := range params {
		if !takes(p, args[i]) {
			return i
		}
	}
	return -1
}

func takes(p *builtin.Param, a Expr) bool {
	t := a.Type()
	if c, ok := a.(*Const); ok && t == schema.Unknown {
		_, isType := c.Value.(schema.Type)
		return isType == (p.Kind == builtin.KindTypeOf)
	}
	if t == schema.Unknown || t == schema.Dynamic {
		return p.Kind != builtin.KindTypeOf && p.Kind != builtin.KindTable
	}
	if c, ok := a.(*Const); ok && c.Value == nil {
		return true
	}
	switch p.Kind {
	case builtin.KindTypes:
		return slices.ContainsFunc(p.Types, func(want schema.Type) bool { return promotes(t, want) })
	case builtin.KindNumber:
		return isNumber(t)
	case builtin.KindInteger:
		return t == schema.Int || t == schema.Long || t == schema.Bool || t == schema.Real
	case builtin.KindSummable:
		return isNumber(t) || t == schema.DateTime || t == schema.TimeSpan || t == schema.Bool
	case builtin.KindText:
		return t == schema.String
	case builtin.KindDynamic:
		return t == schema.String // parsed where it stands for one
	case builtin.KindTypeOf, builtin.KindTable:
		return false
	default:
		return true
	}
}

// promotes reports whether a value of one type stands for another without a word.
func promotes(from, to schema.Type) bool {
	switch from {
	case to:
		return true
	case schema.Int, schema.Long:
		return isNumber(to)
	case schema.Real:
		return to == schema.Decimal || to == schema.Long
	case schema.Decimal:
		return to == schema.Real
	default: // the others need nothing here
	}
	return false
}

// commonType is the type that the KindCommon arguments share: the widest of numbers; a
// scalar type beside dynamic ones. A choice between values of several types is dynamic;
// other functions of them have no meaning.
func (b *binder) commonType(f *builtin.Function, params []*builtin.Param, args []Expr) schema.Type {
	common := schema.Unknown
	for i, p := range params {
		if p.Kind != builtin.KindCommon {
			continue
		}
		t := args[i].Type()
		switch {
		case common == schema.Unknown || common == t:
			common = t
		case isNumber(common) && isNumber(t):
			common = widest(common, t)
		case common == schema.Dynamic:
			common = t
		case t == schema.Dynamic || t == schema.Unknown:
		case f.Canonical == "iff" || f.Canonical == "case":
			return schema.Dynamic
		default:
			b.fail(args[i].Span(), "SEM0219", fmt.Sprintf("%s(): a %s is expected beside the other arguments, not a %s", f.Name, common, t))
		}
	}
	return common
}

func (b *binder) now(x *syntax.Call) Expr {
	b.arity(x, 0, 1)
	at := NewConst(schema.DateTime, b.env.Now, x.Span())
	if len(x.Args) == 0 {
		return at
	}
	return NewCall("+", schema.DateTime, x.Span(), at, b.coerce(b.expr(x.Args[0]), schema.TimeSpan))
}

func (b *binder) ago(x *syntax.Call) Expr {
	b.arity(x, 1, 1)
	span := b.coerce(b.expr(x.Args[0]), schema.TimeSpan)
	if c, ok := span.(*Const); ok {
		if t, ok := c.Value.(schema.Ticks); ok {
			return NewConst(schema.DateTime, b.env.Now-t, x.Span())
		}
	}
	return NewCall("-", schema.DateTime, x.Span(), NewConst(schema.DateTime, b.env.Now, x.Span()), span)
}

func (b *binder) ingestionTime(x *syntax.Call) Expr {
	b.arity(x, 0, 0)
	if c := find(b.row, schema.ColIngestedAt); c != nil {
		return NewRef(c, x.Span())
	}
	return NewConst(schema.DateTime, nil, x.Span())
}

func (b *binder) toScalar(x *syntax.Call) Expr {
	b.arity(x, 1, 1)
	var rel Rel
	var ok bool
	b.in(nil, func() { rel, ok = b.tabular(x.Args[0]) })
	if !ok {
		return b.expr(x.Args[0])
	}
	cols := visible(rel.Columns())
	if len(cols) == 0 {
		b.fail(x.Span(), "SEM0045", "The query has no column to take a value from")
	}
	return &ScalarQuery{typed{cols[0].Type, x.Span()}, rel, cols[0]}
}

// columnName is the constant text of a column_ifexists argument.
func (b *binder) columnName(x syntax.Expr) string {
	if c, ok := b.expr(x).(*Const); ok && c.Type() == schema.String {
		return c.Value.(string)
	}
	b.fail(x.Span(), "SEM0036", "The name of a column is expected, as a constant text")
	return ""
}

func (b *binder) columnIfExists(x *syntax.Call) Expr {
	b.arity(x, 2, 2)
	if c := find(b.row, b.columnName(x.Args[0])); c != nil {
		return NewRef(c, x.Span())
	}
	return b.expr(x.Args[1])
}

func (b *binder) columnExists(x *syntax.Call) Expr {
	b.arity(x, 1, 1)
	return NewConst(schema.Bool, find(b.row, b.columnName(x.Args[0])) != nil, x.Span())
}

// bag makes a dynamic object of columns.
func (b *binder) bag(cols []*Column, op string, span syntax.Span) Expr {
	var args []Expr
	for _, c := range cols {
		args = append(args, NewConst(schema.String, c.Name, span), NewRef(c, span))
	}
	return &Call{typed{schema.Dynamic, span}, op, args, false}
}

func (b *binder) packAll(x *syntax.Call) Expr {
	b.arity(x, 0, 1)
	op := "bag_pack"
	if len(x.Args) == 1 {
		if c, ok := b.expr(x.Args[0]).(*Const); ok && c.Value == true {
			op = "bag_pack_nonempty"
		}
	}
	return b.bag(visible(b.row), op, x.Span())
}

func (b *binder) bagPackColumns(x *syntax.Call) Expr {
	b.arity(x, 1, 1<<15)
	var args []Expr
	for _, a := range x.Args {
		args = append(args, NewConst(schema.String, resultName(a), a.Span()), b.expr(a))
	}
	return &Call{typed{schema.Dynamic, x.Span()}, "bag_pack", args, false}
}

func (b *binder) packArray(x *syntax.Call) Expr {
	var args []Expr
	for _, a := range x.Args {
		if _, ok := a.(*syntax.Star); ok {
			for _, c := range visible(b.row) {
				args = append(args, NewRef(c, a.Span()))
			}
			continue
		}
		args = append(args, b.expr(a))
	}
	return &Call{typed{schema.Dynamic, x.Span()}, "pack_array", args, false}
}

// parseJSON reads text as JSON; of a value that is dynamic already it takes the text in
// it, if it is one.
func (b *binder) parseJSON(x *syntax.Call) Expr {
	b.arity(x, 1, 1)
	v := b.expr(x.Args[0])
	switch v.Type() {
	case schema.String, schema.Dynamic:
		return NewCall("parse_json", schema.Dynamic, x.Span(), v)
	case schema.Unknown:
		return v
	default: // the others need nothing here
	}
	return b.convert(v, schema.Dynamic)
}

// oldReplace is replace(regex, rewrite, source), today replace_regex(source, regex, rewrite).
func (b *binder) oldReplace(x *syntax.Call) Expr {
	b.arity(x, 3, 3)
	f, _ := builtin.Scalar("replace_regex")
	return b.resolve(f, x, []Expr{b.expr(x.Args[2]), b.expr(x.Args[0]), b.expr(x.Args[1])})
}

// window binds a function over the serialized rows. It is computed by an operation of
// its own below; here stands a reference to its column.
func (b *binder) window(x *syntax.Call) Expr {
	if b.windows == nil {
		b.fail(x.Func.Span(), "SEM0047", fmt.Sprintf("The function '%s' has a meaning in extend, project and serialize only", x.Func.Text))
	}
	args := make([]Expr, len(x.Args))
	for i, a := range x.Args {
		args[i] = b.expr(a)
	}
	f, _ := builtin.Scalar(x.Func.Text)
	call := b.resolve(f, x, args)
	call.null = call.Op == "prev" || call.Op == "next" || call.null
	col := b.column("$"+x.Func.Text, call.Type(), true)
	col.Hidden = true
	*b.windows = append(*b.windows, Item{col, call})
	return NewRef(col, x.Span())
}
