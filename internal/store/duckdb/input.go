package duckdb

/*
#include <stdlib.h>
void spoor_input_bind(void *info);
void spoor_input_init(void *info);
void spoor_input_rows(void *info, void *output);
void spoor_input_delete(void *handle);
typedef void (*spoor_input_call_t)(void *);
typedef void (*spoor_input_rows_t)(void *, void *);
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime/cgo"
	"strconv"
	"sync"
	"unsafe"

	"github.com/duckdb/duckdb-go/mapping"

	"spoor/internal/schema"
	"spoor/internal/store"
)

// inputFunction is the table function by which SQL reads a query's input:
// spoor_input(ID). Its columns are called i0, i1 ….
const inputFunction = "spoor_input"

// inputs are the tables that the queries under way bring along, by their connection.
type inputs struct {
	mu     sync.Mutex
	byConn map[mapping.IdxT]map[int64]*store.Input
}

// offer makes tables readable on a connection until the returned function is called.
func (c *conn) offer(tables []store.Input) (end func()) {
	if len(tables) == 0 {
		return func() {}
	}
	byID := make(map[int64]*store.Input, len(tables))
	for i := range tables {
		byID[int64(tables[i].ID)] = &tables[i]
	}
	id := c.id()
	c.inputs.mu.Lock()
	defer c.inputs.mu.Unlock()
	c.inputs.byConn[id] = byID
	return func() {
		c.inputs.mu.Lock()
		defer c.inputs.mu.Unlock()
		delete(c.inputs.byConn, id)
	}
}

func (in *inputs) find(conn mapping.IdxT, id int64) (*store.Input, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	t, ok := in.byConn[conn][id]
	return t, ok
}

// id is the engine's number for the connection.
func (c *conn) id() mapping.IdxT {
	var context mapping.ClientContext
	mapping.ConnectionGetClientContext(c.ptr, &context)
	defer mapping.DestroyClientContext(&context)
	return mapping.ClientContextGetConnectionId(context)
}

// registerInputs makes the table function known on every connection of the database.
// Like a function, its handle lives as long as the process.
func (c *conn) registerInputs() error {
	f := mapping.CreateTableFunction()
	defer mapping.DestroyTableFunction(&f)
	mapping.TableFunctionSetName(f, inputFunction)
	number := mapping.CreateLogicalType(mapping.TypeBigInt)
	mapping.TableFunctionAddParameter(f, number)
	mapping.DestroyLogicalType(&number)
	mapping.TableFunctionSetExtraInfo(f, newHandle(c.inputs), deleteHandle())
	mapping.TableFunctionSetBind(f, unsafe.Pointer(C.spoor_input_call_t(C.spoor_input_bind)))
	mapping.TableFunctionSetInit(f, unsafe.Pointer(C.spoor_input_call_t(C.spoor_input_init)))
	mapping.TableFunctionSetFunction(f, unsafe.Pointer(C.spoor_input_rows_t(C.spoor_input_rows)))
	if mapping.RegisterTableFunction(c.ptr, f) == mapping.StateError {
		return errors.New("register the table function " + inputFunction)
	}
	return nil
}

// newHandle is the number of a handle on v, in memory that the engine may keep.
func newHandle(v any) unsafe.Pointer {
	number := C.malloc(C.size_t(unsafe.Sizeof(cgo.Handle(0))))
	*(*cgo.Handle)(number) = cgo.NewHandle(v)
	return number
}

func deleteHandle() unsafe.Pointer {
	return unsafe.Pointer(C.spoor_input_call_t(C.spoor_input_delete))
}

func fromHandle[T any](number unsafe.Pointer) T { return (*(*cgo.Handle)(number)).Value().(T) }

//export spoor_input_delete
func spoor_input_delete(number unsafe.Pointer) {
	(*(*cgo.Handle)(number)).Delete()
	C.free(number)
}

//export spoor_input_bind
func spoor_input_bind(info unsafe.Pointer) {
	bind := mapping.BindInfo{Ptr: info}
	var context mapping.ClientContext
	mapping.TableFunctionGetClientContext(bind, &context)
	conn := mapping.ClientContextGetConnectionId(context)
	mapping.DestroyClientContext(&context)
	value := mapping.BindGetParameter(bind, 0)
	id := mapping.GetInt64(value)
	mapping.DestroyValue(&value)
	table, ok := fromHandle[*inputs](mapping.BindGetExtraInfo(bind)).find(conn, id)
	if !ok {
		mapping.BindSetError(bind, fmt.Sprintf("the query has no input %d", id))
		return
	}
	for i, t := range table.Types {
		typ := mapping.CreateLogicalType(functionTypes[t])
		mapping.BindAddResultColumn(bind, "i"+strconv.Itoa(i), typ)
		mapping.DestroyLogicalType(&typ)
	}
	if len(table.Types) == 0 { // the engine wants a column
		typ := mapping.CreateLogicalType(mapping.TypeBoolean)
		mapping.BindAddResultColumn(bind, "i0", typ)
		mapping.DestroyLogicalType(&typ)
	}
	mapping.BindSetCardinality(bind, mapping.IdxT(len(table.Rows)), true)
	mapping.BindSetBindData(bind, newHandle(table), deleteHandle())
}

// inputScan is where one scan of an input stands.
type inputScan struct {
	table *store.Input
	next  int
}

//export spoor_input_init
func spoor_input_init(info unsafe.Pointer) {
	init := mapping.InitInfo{Ptr: info}
	scan := &inputScan{table: fromHandle[*store.Input](mapping.InitGetBindData(init))}
	mapping.InitSetMaxThreads(init, 1)
	mapping.InitSetInitData(init, newHandle(scan), deleteHandle())
}

//export spoor_input_rows
func spoor_input_rows(info, output unsafe.Pointer) {
	function := mapping.FunctionInfo{Ptr: info}
	scan := fromHandle[*inputScan](mapping.FunctionGetInitData(function))
	if err := scan.fill(mapping.DataChunk{Ptr: output}); err != nil {
		mapping.FunctionSetError(function, err.Error())
	}
}

// fill writes the next rows into a chunk.
func (s *inputScan) fill(chunk mapping.DataChunk) error {
	n := min(len(s.table.Rows)-s.next, int(mapping.VectorSize()))
	for i, t := range s.table.Types {
		out := newResult(mapping.DataChunkGetVector(chunk, mapping.IdxT(i)))
		for row, values := range s.table.Rows[s.next : s.next+n] {
			if !out.setInput(row, t, values[i]) {
				return fmt.Errorf("input %d, row %d, column %d: a %T where a %s is expected", s.table.ID, s.next+row, i, values[i], t)
			}
		}
	}
	s.next += n
	mapping.DataChunkSetSize(chunk, mapping.IdxT(n))
	return nil
}

// setInput sets a value of an input, unless it is not of its column's type.
func (r *result) setInput(row int, t schema.Type, value any) bool {
	ok := true
	switch v := value.(type) {
	case nil:
		if t == schema.String {
			value = "" // KQL's strings are never null
		}
	case int64:
		if ok = t == schema.Int || functionTypes[t] == mapping.TypeBigInt; t == schema.Int {
			value = int32(v)
		}
	case string:
		ok = functionTypes[t] == mapping.TypeVarchar
		value = validText(v)
	case bool:
		ok = t == schema.Bool
	case float64:
		ok = t == schema.Real
	default:
		ok = false
	}
	if ok {
		r.set(row, value)
	}
	return ok
}
