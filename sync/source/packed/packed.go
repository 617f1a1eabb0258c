// Package packed reads files that are packed, by gzip or alone in a zip, as what
// they hold. Nothing is ever written into them.
package packed

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"syncline/sync/source/tabular"
)

// A packed file can unpack to a thousand times its size, so that nothing it says
// of itself is believed: the bytes are counted as they come.

// unpackLimits are how much a file may unpack to.
type unpackLimits struct {
	most  int64
	ratio int64 // to the packed size, once it is above free. Tables of equal rows reach 100 and more
	free  int64
	files int
}

var unpacking = unpackLimits{most: 4 << 30, ratio: 400, free: 64 << 20, files: 1000}

// Packing is how a file is packed; the zero Packing is not at all.
type Packing struct {
	Kind string // "zip" or "gzip"
	Name string // of the file inside, "" where it has none
	at   int    // its place in the zip
}

// Find looks whether a file is packed. The error is the end of a
// sentence about the file, where it is packed and holds nothing that can be
// taken for the table. A workbook, which is a zip too, is not packed.
func Find(f io.ReaderAt, size int64) (Packing, error) {
	head := make([]byte, 4)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return Packing{}, err
	}
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("\x1F\x8B")):
		z, err := gzip.NewReader(io.NewSectionReader(f, 0, size))
		if err != nil {
			return Packing{}, errDamagedPack
		}
		return Packing{Kind: "gzip", Name: path.Base(strings.ReplaceAll(z.Name, `\`, "/"))}, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return findInZip(f, size)
	}
	return Packing{}, nil
}

var errDamagedPack = errors.New("is a packed file that is damaged; pack it anew, or unpack it and choose the file inside")

func findInZip(f io.ReaderAt, size int64) (Packing, error) {
	const directory = 1 << 20 // what a list of so few files takes at most
	z, err := zip.NewReader(f, size)
	switch {
	case err != nil && !ofTable(f):
		return Packing{}, nil // what is wrong with it is for the reader of workbooks to say
	case err != nil:
		return Packing{}, errDamagedPack
	case slices.ContainsFunc(z.File, func(f *zip.File) bool {
		return strings.EqualFold(f.Name, "[Content_Types].xml") || f.Name == "mimetype"
	}):
		return Packing{}, nil // a workbook, or a document of another program
	case len(z.File) > unpacking.files || len(z.Comment) > directory:
		return Packing{}, fmt.Errorf("is a zip file of %d files; unpack it and choose one of them", len(z.File))
	}
	var names []string
	found := Packing{Kind: "zip"}
	for i, e := range z.File {
		base := path.Base(strings.ReplaceAll(e.Name, `\`, "/"))
		if strings.HasSuffix(e.Name, "/") || strings.HasPrefix(e.Name, "__MACOSX/") || strings.HasPrefix(base, ".") || strings.EqualFold(base, "Thumbs.db") || strings.EqualFold(base, "desktop.ini") {
			continue
		}
		found.Name, found.at = base, i
		names = append(names, base)
	}
	switch {
	case len(names) == 0:
		return Packing{}, errors.New("is a zip file without a file in it")
	case len(names) > 1:
		const shown = 5
		list := strings.Join(names[:min(shown, len(names))], ", ")
		if len(names) > shown {
			list += fmt.Sprintf(" and %d more", len(names)-shown)
		}
		return Packing{}, fmt.Errorf("is a zip file of several files (%s); unpack it and choose one of them", list)
	case z.File[found.at].Flags&1 != 0:
		return Packing{}, errors.New("is a zip file with a password; unpack it and choose the file inside")
	}
	return found, nil
}

// ofTable reports whether a zip whose directory can't be read begins with a file
// of text; else it counts as a workbook, which is the usual zip of tables.
func ofTable(f io.ReaderAt) bool {
	const header = 30 // of a local file, before its name
	head := make([]byte, header+256)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) || n < header {
		return false
	}
	name := head[header:min(n, header+int(head[26])+int(head[27])<<8)]
	return slices.Contains([]string{".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson"}, strings.ToLower(path.Ext(string(name))))
}

// Part reads a part of a document that is a zip, by its name. The error, and those of
// reading, are ends of sentences about the file.
func Part(f io.ReaderAt, size int64, name string) (io.Reader, error) {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return nil, errDamagedDocument
	}
	for _, e := range z.File {
		if e.Name != name {
			continue
		}
		r, err := e.Open()
		if err != nil {
			return nil, errDamagedDocument
		}
		return &unpacked{r: r, packed: size}, nil
	}
	return nil, errDamagedDocument
}

var errDamagedDocument = errors.New("is damaged; open it in the program that made it and save it again")

// Open reads what is packed from its start; of a file that is not packed, the
// file. Errors of reading are ends of sentences about the file.
func (p Packing) Open(f io.ReaderAt, size int64) (io.Reader, error) {
	switch p.Kind {
	case "gzip":
		z, err := gzip.NewReader(io.NewSectionReader(f, 0, size))
		if err != nil {
			return nil, errDamagedPack
		}
		return &unpacked{r: z, packed: size}, nil
	case "zip":
		z, err := zip.NewReader(f, size)
		if err != nil || p.at >= len(z.File) {
			return nil, errDamagedPack
		}
		r, err := z.File[p.at].Open()
		if errors.Is(err, zip.ErrAlgorithm) {
			return nil, errors.New("is a zip file packed in a way that Syncline does not read; unpack it and choose the file inside")
		}
		if err != nil {
			return nil, errDamagedPack
		}
		return &unpacked{r: r, packed: size}, nil
	}
	return io.NewSectionReader(f, 0, size), nil
}

// unpacked counts the bytes of a packed file as they come.
type unpacked struct {
	r      io.Reader
	packed int64
	n      int64
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.n += int64(n)
	switch {
	case u.n > unpacking.most:
		return 0, fmt.Errorf("unpacks to more than %s", tabular.Bytes(unpacking.most))
	case u.n > unpacking.free && u.n/unpacking.ratio > u.packed:
		return 0, fmt.Errorf("unpacks to more than %d times its size, which no table does", unpacking.ratio)
	case err != nil && !errors.Is(err, io.EOF):
		return n, errDamagedPack
	}
	return n, err
}

// Called is the packed file for people.
func (p Packing) Called() string {
	if p.Kind == "gzip" {
		return "a gzip file"
	}
	return "a zip file"
}
