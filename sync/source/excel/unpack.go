package excel

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"syncline/sync/source/tabular"
)

// Limits are what a workbook may hold at most, in bytes of its unpacked parts. A
// zip can unpack to a thousand times its size, so that nothing of it is
// believed: the bytes are counted as they come.
type Limits struct {
	tabular.Limits
	Part      int   // of a part that is read as a whole, which is small in every real workbook
	Unpacked  int64 // of a part that is streamed
	Ratio     int   // to its packed size, once it is above FreeRatio. Sheets of equal rows reach 40
	FreeRatio int
	Texts     int // of the shared texts, which are held in memory
	TextCount int
	Token     int // between two tags: eight times the longest cell, for its escapes
	RowXML    int // of one row with its tags
	Around    int // of what stands before or behind the rows, while it is kept to be copied
	Areas     int // merged areas, and array formulas
	Directory int // of the zip's list of parts
}

// Standard are the limits of every workbook; tests use smaller ones.
var Standard = Limits{
	Limits: tabular.Standard, Part: 32 << 20, Unpacked: 4 << 30, Ratio: 100, FreeRatio: 16 << 20, Texts: 256 << 20, TextCount: 16 << 20,
	Token: 8 << 20, RowXML: 32 << 20, Around: 128 << 20, Areas: 1_000_000, Directory: 8 << 20,
}

// checkDirectory refuses a zip whose list of parts, which is read into memory
// before anything else, is longer than any workbook's. What is no zip passes:
// others say what it is.
func checkDirectory(f io.ReaderAt, size int64, most int) error {
	const end, locator, reach = 22, 20, 22 + 65535 + 20
	tail := make([]byte, min(size, reach))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < end {
		return nil
	}
	length := uint64(binary.LittleEndian.Uint32(tail[at+12:]))
	if at >= locator && bytes.HasPrefix(tail[at-locator:], []byte("PK\x06\x07")) {
		long := make([]byte, 56)
		if _, err := f.ReadAt(long, int64(binary.LittleEndian.Uint64(tail[at-locator+8:])&(1<<62-1))); err == nil && bytes.HasPrefix(long, []byte("PK\x06\x06")) {
			length = max(length, binary.LittleEndian.Uint64(long[40:]))
		}
	}
	if length > uint64(most) {
		return errors.New("lists more parts than any workbook has; open it in Excel and save it as “Excel Workbook (.xlsx)”")
	}
	return nil
}

// unpack opens a part. Reading it ends with a sentence where it unpacks to
// more than a table can.
func (w *workbook) unpack(f *zip.File) (io.ReadCloser, error) {
	r, err := f.Open()
	if err != nil {
		return nil, damaged(f.Name, err)
	}
	return &unpacked{ReadCloser: r, packed: min(int64(f.CompressedSize64&(1<<62-1)), w.size), limits: &w.limits}, nil
}

type unpacked struct {
	io.ReadCloser
	packed int64
	n      int64
	limits *Limits
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	u.n += int64(n)
	switch {
	case u.n > u.limits.Unpacked:
		return 0, fmt.Errorf("it unpacks to more than %s", tabular.Bytes(u.limits.Unpacked))
	case u.n > int64(u.limits.FreeRatio) && u.n/int64(u.limits.Ratio) > u.packed:
		return 0, fmt.Errorf("it unpacks to more than %d times its size, which no table does", u.limits.Ratio)
	}
	return n, err
}

// errLongToken is text or a tag that goes on and on.
var errLongToken = errors.New("a text in it is too long")

// window remembers the bytes a decoder took since they were last taken out, so
// that parts of a document can be copied exactly.
type window struct {
	r     *bufio.Reader
	keep  bool
	bytes []byte
	base  int64 // offset of bytes[0] in the document
	token int   // bytes since the last token
	most  int   // of those
}

// ReadByte makes the decoder read from the window without a buffer of its own.
func (w *window) ReadByte() (byte, error) {
	if w.token++; w.token > w.most {
		return 0, errLongToken
	}
	b, err := w.r.ReadByte()
	if err == nil {
		if w.keep {
			w.bytes = append(w.bytes, b)
		} else {
			w.base++
		}
	}
	return b, err
}

// Read is never called: encoding/xml uses ReadByte where there is one.
func (w *window) Read(p []byte) (int, error) { return w.r.Read(p) }

// take returns the bytes up to an offset and forgets them. They are valid
// until the next read.
func (w *window) take(to int64) []byte {
	n := to - w.base
	out := w.bytes[:n]
	w.bytes, w.base = w.bytes[n:], to
	return out
}

// tokens reads a part tag by tag in bounded memory.
type tokens struct {
	win    *window
	dec    *xml.Decoder
	text   []byte // of the element that is being read
	limits *Limits
}

func newTokens(r io.Reader, keep bool, limits *Limits) *tokens {
	win := &window{r: bufio.NewReaderSize(r, 64<<10), keep: keep, most: limits.Token}
	return &tokens{win: win, dec: xml.NewDecoder(win), limits: limits}
}

func (d *tokens) next() (xml.Token, error) {
	d.win.token = 0
	if len(d.win.bytes) > d.limits.Around {
		return nil, fmt.Errorf("what stands beside its rows is larger than %s", tabular.Bytes(d.limits.Around))
	}
	return d.dec.RawToken()
}

// add keeps text up to one byte more than a cell may have, by which it is
// known to be too long.
func (d *tokens) add(text []byte) {
	d.text = append(d.text, text[:min(len(text), d.limits.Cell+1-len(d.text))]...)
}

// longCellError is a cell that is longer than a cell may be.
type longCellError struct{ most int }

func (e longCellError) Error() string {
	return fmt.Sprintf("holds more than %s; HubSpot takes 65,536 characters, so shorten it", tabular.Bytes(e.most))
}
