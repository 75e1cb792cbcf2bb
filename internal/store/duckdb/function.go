package duckdb

/*
#include <stdlib.h>
void spoor_scalar_function(void *info, void *input, void *output);
typedef void (*spoor_scalar_function_t)(void *, void *, void *);
typedef void (*spoor_delete_t)(void *);
*/
import "C"

import (
	"encoding/binary"
	"fmt"
	"runtime/cgo"
	"unsafe"

	"github.com/duckdb/duckdb-go/mapping"

	"spoor/internal/schema"
	"spoor/internal/store"
)

// functionTypes are the engine's types for the values of functions written in Go.
var functionTypes = map[schema.Type]mapping.Type{
	schema.Bool: mapping.TypeBoolean, schema.Int: mapping.TypeInteger, schema.Long: mapping.TypeBigInt, schema.Real: mapping.TypeDouble,
	schema.Decimal: mapping.TypeVarchar, schema.String: mapping.TypeVarchar, schema.DateTime: mapping.TypeBigInt,
	schema.TimeSpan: mapping.TypeBigInt, schema.GUID: mapping.TypeVarchar, schema.Dynamic: mapping.TypeVarchar,
}

// function is what a call finds again by its handle, which lives as long as the
// process: the engine keeps its functions until it is closed.
type function struct {
	store.Function
	handle cgo.Handle
}

// register makes functions written in Go callable from SQL on every connection of the
// database.
func (c *conn) register(functions []store.Function) error {
	for _, f := range functions {
		if err := c.registerOne(&function{Function: f}); err != nil {
			return err
		}
	}
	return nil
}

func (c *conn) registerOne(f *function) error {
	f.handle = cgo.NewHandle(f)
	s := mapping.CreateScalarFunction()
	defer mapping.DestroyScalarFunction(&s)
	mapping.ScalarFunctionSetName(s, f.Name)
	mapping.ScalarFunctionSetSpecialHandling(s) // nulls are arguments like any other
	for i, p := range f.Params {
		t := mapping.CreateLogicalType(functionTypes[p])
		if f.Variadic && i == len(f.Params)-1 {
			mapping.ScalarFunctionSetVarargs(s, t)
		} else {
			mapping.ScalarFunctionAddParameter(s, t)
		}
		mapping.DestroyLogicalType(&t)
	}
	t := mapping.CreateLogicalType(functionTypes[f.Result])
	mapping.ScalarFunctionSetReturnType(s, t)
	mapping.DestroyLogicalType(&t)
	// The engine is given the number of the handle in memory of its own.
	number := C.malloc(C.size_t(unsafe.Sizeof(f.handle)))
	*(*cgo.Handle)(number) = f.handle
	mapping.ScalarFunctionSetExtraInfo(s, number, unsafe.Pointer(C.spoor_delete_t(C.free)))
	mapping.ScalarFunctionSetFunction(s, unsafe.Pointer(C.spoor_scalar_function_t(C.spoor_scalar_function)))
	if mapping.RegisterScalarFunction(c.ptr, s) == mapping.StateError {
		return fmt.Errorf("register the function %s", f.Name)
	}
	return nil
}

//export spoor_scalar_function
func spoor_scalar_function(info, input, output unsafe.Pointer) {
	functionInfo := mapping.FunctionInfo{Ptr: info}
	f := (*(*cgo.Handle)(mapping.ScalarFunctionGetExtraInfo(functionInfo))).Value().(*function)
	defer func() {
		if e := recover(); e != nil {
			mapping.ScalarFunctionSetError(functionInfo, fmt.Sprintf("Invalid Input Error: %s: %v", f.Name, e))
		}
	}()
	f.run(mapping.DataChunk{Ptr: input}, mapping.Vector{Ptr: output})
}

// run computes the function for each row of a chunk. A value that is an error ends the
// query: the panic is caught where the engine calls.
func (f *function) run(input mapping.DataChunk, output mapping.Vector) {
	n := int(mapping.DataChunkGetSize(input))
	vectors := make([]vector, int(mapping.DataChunkGetColumnCount(input)))
	for i := range vectors {
		ptr := mapping.DataChunkGetVector(input, mapping.IdxT(i))
		vectors[i] = vector{data: mapping.VectorGetData(ptr), validity: mapping.VectorGetValidity(ptr)}
	}
	out := newResult(output)
	args := make([]any, len(vectors))
	seen := memo{}
	var key []byte
	for row := range n {
		known := seen.pays(row)
		if known {
			key, known = f.key(key[:0], vectors, row)
		}
		if v, ok := seen.values[string(key)]; known && ok {
			seen.hits++
			out.set(row, v)
			continue
		}
		for i := range vectors {
			args[i] = f.argument(&vectors[i], i, row)
		}
		v := f.Eval(args)
		if err, ok := v.(error); ok {
			panic(err)
		}
		if known {
			seen.values[string(key)] = v
		}
		out.set(row, v)
	}
}

// memo holds what a function gave for the arguments of a chunk: logs repeat their
// values, and to find one costs a fraction of computing it (an address is told private
// in 400 ns).
type memo struct {
	values map[string]any
	hits   int
}

const (
	// memoTrial is how many rows are looked at before a memo that finds little is given up.
	memoTrial = 128
	// memoText is the length of a text, in bytes, beyond which it is not kept.
	memoText = 256
)

// pays reports whether the memo is to be asked for a row.
func (m *memo) pays(row int) bool {
	switch row {
	case 0:
		m.values = make(map[string]any)
	case memoTrial:
		if m.hits < memoTrial/4 {
			m.values = nil
		}
	}
	return m.values != nil
}

// key appends the arguments of a row as bytes that no other arguments have; false when
// they are too long to be kept.
func (f *function) key(to []byte, vectors []vector, row int) ([]byte, bool) {
	for i := range vectors {
		v := &vectors[i]
		if !v.valid(row) {
			to = append(to, 0)
			continue
		}
		to = append(to, 1)
		switch functionTypes[f.Params[min(i, len(f.Params)-1)]] {
		case mapping.TypeBoolean:
			to = append(to, *(*byte)(unsafe.Add(v.data, row)))
		case mapping.TypeInteger:
			to = append(to, (*[4]byte)(unsafe.Add(v.data, row*4))[:]...)
		case mapping.TypeBigInt, mapping.TypeDouble:
			to = append(to, (*[8]byte)(unsafe.Add(v.data, row*8))[:]...)
		default:
			text := pointer[text](v.data, row).bytes()
			if len(text) > memoText {
				return nil, false
			}
			to = append(binary.AppendUvarint(to, uint64(len(text))), text...)
		}
	}
	return to, true
}

// argument reads the value of a parameter.
func (f *function) argument(v *vector, i, row int) any {
	if !v.valid(row) {
		return nil
	}
	switch functionTypes[f.Params[min(i, len(f.Params)-1)]] {
	case mapping.TypeBoolean:
		return *(*bool)(unsafe.Add(v.data, row))
	case mapping.TypeInteger:
		return *(*int32)(unsafe.Add(v.data, row*4))
	case mapping.TypeBigInt:
		return *(*int64)(unsafe.Add(v.data, row*8))
	case mapping.TypeDouble:
		return *(*float64)(unsafe.Add(v.data, row*8))
	default:
		return pointer[text](v.data, row).String()
	}
}

// result is the vector that a function fills.
type result struct {
	vector   mapping.Vector
	data     unsafe.Pointer
	validity unsafe.Pointer
}

func newResult(v mapping.Vector) result {
	mapping.VectorEnsureValidityWritable(v)
	return result{v, mapping.VectorGetData(v), mapping.VectorGetValidity(v)}
}

func (r *result) set(row int, value any) {
	switch v := value.(type) {
	case bool:
		*(*bool)(unsafe.Add(r.data, row)) = v
	case int32:
		*(*int32)(unsafe.Add(r.data, row*4)) = v
	case int64:
		*(*int64)(unsafe.Add(r.data, row*8)) = v
	case float64:
		*(*float64)(unsafe.Add(r.data, row*8)) = v
	case string:
		mapping.VectorAssignStringElementLen(r.vector, mapping.IdxT(row), []byte(v))
	default:
		mapping.ValiditySetRowInvalid(r.validity, mapping.IdxT(row))
	}
}
