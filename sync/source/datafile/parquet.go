package datafile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/tabular"
)

// parquetFormat reads Parquet, by parquet-go. A group's members are columns of
// their own, “address.city”; a list of plain values is one text of several
// options. Maps and lists of groups are no columns, and that is told.
type parquetFormat struct{}

func (parquetFormat) why() string {
	return "Syncline does not write Parquet files; save the rows as a CSV file or an Excel workbook to have values written back."
}

// leaf is a column as Parquet stores it.
type leaf struct {
	name string
	kind kind
	list bool
}

func (parquetFormat) look(_ context.Context, f *opened) (*layout, error) {
	file, err := openParquet(f)
	if err != nil {
		return nil, err
	}
	leaves, left := leavesOf(file.Schema())
	if err := f.limits.CheckWidth(len(leaves)); err != nil {
		return nil, err
	}
	l := &layout{types: map[string]record.Type{}, details: map[string]string{"form": "Parquet"}, count: file.NumRows()}
	var names []string
	for _, leaf := range leaves {
		if leaf.name == "" {
			continue
		}
		if len(leaf.name) > f.limits.Name {
			return nil, f.limits.LongName(fmt.Sprintf("column %d", len(names)+1))
		}
		names = append(names, leaf.name)
	}
	if len(names) == 0 {
		return nil, errors.New("has no column of plain values")
	}
	l.header = tabular.NewHeader(names, func(i int) string { return fmt.Sprintf("Column %d", i+1) })
	at := 0
	for _, leaf := range leaves {
		if leaf.name == "" {
			continue
		}
		if t, known := leaf.kind.typed(); known && !leaf.list {
			l.types[l.header.Names[at]] = t
		}
		at++
	}
	if len(left) > 0 {
		l.notes = append(l.notes, source.Note{Text: fmt.Sprintf("Maps, lists of groups and bytes that are no text are no columns, and are left out: %s.", tabular.Some(left))})
	}
	return l, nil
}

// largest is what a column of a group of rows may unpack to: files are written
// in groups of a hundred megabytes or so.
const largest = 2 << 30

// openParquet reads what a file says of itself at its end. The library panics
// where that is nonsense.
func openParquet(f *opened) (file *parquet.File, err error) {
	defer recovered(&err)
	if f.packing.Kind != "" {
		return nil, errors.New("is a packed Parquet file; unpack it and choose the file inside")
	}
	file, err = parquet.OpenFile(f.File, f.info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, errParquet(err)
	}
	for _, group := range file.Metadata().RowGroups {
		for _, c := range group.Columns {
			if c.MetaData.TotalUncompressedSize > largest || c.MetaData.TotalCompressedSize > f.info.Size() {
				return nil, fmt.Errorf("has a group of rows whose column %s unpacks to more than %s; write it in smaller groups", strings.Join(c.MetaData.PathInSchema, "."), tabular.Bytes(int64(largest)))
			}
		}
	}
	return file, nil
}

func errParquet(err error) error {
	return fmt.Errorf("is no Parquet file, or damaged (%w); export it again", err)
}

// recovered makes an error of a panic about a damaged file.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = errParquet(fmt.Errorf("%v", r))
	}
}

// leavesOf lists the columns of a schema in the file's order. One without a name
// is none of ours, and stands in left.
func leavesOf(schema *parquet.Schema) (leaves []leaf, left []string) {
	for _, path := range schema.Columns() {
		column, _ := schema.Lookup(path...)
		l := leaf{name: strings.Join(path, "."), kind: kindOf(column.Node.Type())}
		switch {
		case column.MaxRepetitionLevel == 0:
		case column.MaxRepetitionLevel == 1 && alone(schema, path):
			l.list, l.name = true, listName(path)
		default:
			l.kind = unread
		}
		if l.kind == unread {
			left = append(left, l.name)
			l.name = ""
		}
		leaves = append(leaves, l)
	}
	return leaves, left
}

// alone reports whether a repeated column is a list of plain values, and no
// member of a repeated group.
func alone(schema *parquet.Schema, path []string) bool {
	node := parquet.Node(schema)
	repeated := false
	for _, name := range path {
		fields := node.Fields()
		i := slices.IndexFunc(fields, func(f parquet.Field) bool { return f.Name() == name })
		if i < 0 || repeated && len(fields) > 1 {
			return false
		}
		node = fields[i]
		repeated = repeated || node.Repeated()
	}
	return true
}

// listName takes off what writers put around the elements of lists: name.list.element,
// name.bag.array_element, name.array.
func listName(path []string) string {
	for _, wrapping := range [][]string{{"list", "element"}, {"list", "item"}, {"bag", "array_element"}, {"array"}, {"list", "array"}} {
		if n := len(path) - len(wrapping); n > 0 && slices.Equal(path[n:], wrapping) {
			return strings.Join(path[:n], ".")
		}
	}
	return strings.Join(path, ".")
}

func (parquetFormat) rows(ctx context.Context, f *opened, l *layout, yield func(*raw) bool) (err error) {
	defer recovered(&err)
	file, err := openParquet(f)
	if err != nil {
		return err
	}
	leaves, _ := leavesOf(file.Schema())
	at := make([]int, len(leaves)) // of each column in the header, -1 for none
	next := 0
	for i, leaf := range leaves {
		if at[i] = -1; leaf.name != "" {
			at[i] = next
			next++
		}
	}
	if next != len(l.header.Names) {
		return errors.New("changed while it was read; try again")
	}
	number := 0
	row := raw{cells: make([]cell, next)}
	for _, group := range file.RowGroups() {
		goOn, err := eachRow(ctx, group, func(values parquet.Row) bool {
			number++
			row.line = number
			clear(row.cells)
			for _, v := range values {
				if i := at[v.Column()]; i >= 0 && !v.IsNull() {
					leaves[v.Column()].add(&row.cells[i], v)
				}
			}
			return yield(&row)
		})
		if err != nil || !goOn {
			return err
		}
	}
	return nil
}

// add puts a value into its cell, behind those that a list already has there.
func (l leaf) add(c *cell, v parquet.Value) {
	value := l.kind.cell(v)
	switch {
	case !l.list:
		*c = value
		return
	case value.flaw == "" && strings.Contains(value.value, ";"):
		value.flaw = semicolon
	}
	if c.flaw != "" {
		return
	}
	if c.value != "" {
		value.value = c.value + ";" + value.value
	}
	*c = value
}

func eachRow(ctx context.Context, group parquet.RowGroup, yield func(parquet.Row) bool) (goOn bool, err error) {
	rows := group.Rows()
	defer func() { err = errors.Join(err, rows.Close()) }()
	buffer := make([]parquet.Row, 64)
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		n, err := rows.ReadRows(buffer)
		for _, row := range buffer[:n] {
			if !yield(row) {
				return false, nil
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, errParquet(err)
		}
	}
}
