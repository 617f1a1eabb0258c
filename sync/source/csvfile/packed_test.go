package csvfile_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"syncline/sync/source/csvfile"
)

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t *testing.T, nameAndText ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(nameAndText); i += 2 {
		f, err := w.Create(nameAndText[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(nameAndText[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A packed file is read as what it holds, and is not written; one that is cut
// off or holds several files is refused whole.
func TestPackedFiles(t *testing.T) {
	t.Parallel()
	const text = "Id,Name\n1,Zoë\n2,Ben\n"
	long := gzipped(t, text+strings.Repeat("3,Cy\n", 100_000))
	for name, c := range map[string]struct {
		content []byte
		want    string // what it starts with, behind ~ what it holds too
	}{
		"gzip":             {gzipped(t, text), "1|Zoë\n2|Ben\nnote The source is a gzip file~"},
		"two gzip members": {append(gzipped(t, text), gzipped(t, "3,Cy\n")...), "1|Zoë\n2|Ben\n3|Cy\nnote~"},
		"zip":              {zipped(t, "exports/people.csv", text), "1|Zoë\n2|Ben\nnote The source is a zip file: what it holds (people.csv) is read, and is not written."},
		"zip of a Mac":     {zipped(t, "people.csv", text, "__MACOSX/._people.csv", "x", ".DS_Store", "x"), "1|Zoë\n2|Ben\nnote~"},
		"zip of several":   {zipped(t, "a.csv", text, "b.csv", text), "error FILE: is a zip file of several files (a.csv, b.csv); unpack it and choose one of them"},
		"zip of none":      {zipped(t), "error FILE: is a zip file without a file in it"},
		"cut off":          {long[:len(long)-9], "error FILE: is a packed file that is damaged~"},
		"cut off early":    {long[:12], "error FILE: is a packed file that is damaged~"},
		"a bomb":           {gzipped(t, text+strings.Repeat("0", 80<<20)), "error FILE: unpacks to more than 400 times its size~"},
		"other encodings":  {gzipped(t, "\xff\xfeI\x00d\x00,\x00N\x00\n\x001\x00,\x00\xeb\x00\n\x00"), "1|ë\nnote~"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := shown(t, csvfile.Options{Path: write(t, c.content), Key: []string{"Id"}})
			start, open := strings.CutSuffix(c.want, "~")
			if !strings.HasPrefix(got, start) || !open && strings.TrimSuffix(got, "\n") != strings.TrimSuffix(start, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
	s, err := csvfile.Open(t.Context(), csvfile.Options{Path: write(t, gzipped(t, text)), Key: []string{"Id"}})
	if err != nil {
		t.Fatal(err)
	}
	schema, err := s.Describe(t.Context())
	if err != nil || schema.Abilities.Update || !strings.Contains(schema.Abilities.Why, "unpack it") {
		t.Errorf("it can be written: %+v, %v", schema.Abilities, err)
	}
}
