package excel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"syncline/sync/source/localfile"
)

// around is what stands behind the rows of a sheet and says how they are to be
// read.
type around struct {
	merged  []area
	filters []area // that hide rows
}

// searched are the tags that around is read from. In a text a "<" is escaped, so
// that they can only be tags.
var searched = [][]byte{[]byte("mergeCell "), []byte("autoFilter "), []byte("filterColumn ")}

// readAround looks for them in the unpacked bytes, which is much faster than
// reading all rows tag by tag once more.
func (w *workbook) readAround(ctx context.Context, part string) (around, error) {
	f := w.parts[part]
	if f == nil {
		return around{}, damaged(part, errors.New("it is missing"))
	}
	unpacked, err := w.unpack(f)
	if err != nil {
		return around{}, err
	}
	defer unpacked.Close()
	var a around
	var filter area
	r := localfile.Reader(ctx, unpacked)
	buf := make([]byte, 0, 256<<10)
	const keep = 4 << 10 // longer than any of the tags
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return a, damaged(part, err)
		}
		from := 0
		for {
			at, tag := nextTag(buf[from:])
			if at < 0 || !end && from+at+len(tag) > len(buf)-1 {
				break
			}
			close := bytes.IndexByte(buf[from+at:], '>')
			if close < 0 {
				break
			}
			if err := a.take(buf[from+at:from+at+close], &filter, w.limits.Areas); err != nil {
				return a, damaged(part, err)
			}
			from += at + close
		}
		if end {
			return a, nil
		}
		from = max(from, len(buf)-keep)
		buf = buf[:copy(buf, buf[max(0, from):])]
	}
}

// nextTag finds the first of the searched tags that stands behind a "<" or a
// prefix.
func nextTag(b []byte) (at int, tag []byte) {
	at = -1
	for _, t := range searched {
		from := 0
		for {
			i := bytes.Index(b[from:], t)
			if i < 0 {
				break
			}
			i += from
			if i > 0 && (b[i-1] == '<' || b[i-1] == ':') {
				if at < 0 || i < at {
					at, tag = i, t
				}
				break
			}
			from = i + 1
		}
	}
	return at, tag
}

func (a *around) take(tag []byte, filter *area, most int) error {
	name, _, _ := bytes.Cut(tag, []byte(" "))
	ref, ok := parseArea(attribute(tag, "ref"))
	switch string(name) {
	case "mergeCell":
		if len(a.merged) == most {
			return fmt.Errorf("it merges more than %d areas", most)
		}
		if ok {
			a.merged = append(a.merged, ref)
		}
	case "autoFilter":
		*filter = ref
	case "filterColumn":
		if !slices.Contains(a.filters, *filter) {
			a.filters = append(a.filters, *filter)
		}
	}
	return nil
}
