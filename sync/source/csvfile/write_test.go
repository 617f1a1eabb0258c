package csvfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"syncline/sync/source"
	"syncline/sync/source/csvfile"
	"syncline/sync/source/localfile"
)

// A change touches the bytes of its cell and no others.
func TestWritingKeepsEveryOtherByte(t *testing.T) {
	t.Parallel()
	update := func(key string, kv ...string) source.Change {
		return source.Change{Kind: source.Update, Key: key, Fields: values(kv...)}
	}
	insert := func(kv ...string) source.Change {
		return source.Change{Kind: source.Insert, Fields: values(kv...)}
	}
	tests := map[string]struct {
		content string
		changes []source.Change
		want    string
	}{
		"plain cell":             {"a,b\n1,x\n2,y\n", []source.Change{update("2", "b", "z")}, "a,b\n1,x\n2,z\n"},
		"quoted cell":            {"a,b\r\n1,\"x\"\r\n\"2\",y", []source.Change{update("1", "b", "z")}, "a,b\r\n1,\"z\"\r\n\"2\",y"},
		"needs quotes":           {"a;b\n1;x\n", []source.Change{update("1", "b", "y;\"z\"\n")}, "a;b\n1;\"y;\"\"z\"\"\n\"\n"},
		"comma in semicolons":    {"a;b\n1;x\n", []source.Change{update("1", "b", "y,z")}, "a;b\n1;y,z\n"},
		"emptied":                {"a,b\n1,x\n", []source.Change{update("1", "b", "")}, "a,b\n1,\n"},
		"same value":             {"a,b\n1,\"x\"\n", []source.Change{update("1", "b", "x")}, "a,b\n1,\"x\"\n"},
		"same formula":           {"a,b\n1,=A1\n2,x\n", []source.Change{update("1", "b", "=A1"), update("2", "b", "y")}, "a,b\n1,=A1\n2,y\n"},
		"formula":                {"a,b\n1,x\n", []source.Change{update("1", "b", "=1+1")}, "a,b\n1,'=1+1\n"},
		"guarded number":         {"a,b\n1,'0123\n2,'0456\n", []source.Change{update("1", "b", "0999"), update("2", "b", "x")}, "a,b\n1,'0999\n2,x\n"},
		"number in a formula":    {"a,b\n1,\"=\"\"0123\"\"\"\n", []source.Change{update("1", "b", "0999")}, "a,b\n1,\"=\"\"0999\"\"\"\n"},
		"apostrophe of its own":  {"a,b\n1,'tis\n", []source.Change{update("1", "b", "0999")}, "a,b\n1,0999\n"},
		"phone":                  {"a,b\n1,x\n", []source.Change{update("1", "b", "+49 89 12345")}, "a,b\n1,+49 89 12345\n"},
		"key":                    {"a,b\n1,x\n2,y\n", []source.Change{update("1", "a", "3")}, "a,b\n3,x\n2,y\n"},
		"mixed endings, odd ws":  {"a , b\r\n1 , x\n2,y\r3,z", []source.Change{update("2", "b", "q")}, "a , b\r\n1 , x\n2,q\r3,z"},
		"spaces before quotes":   {"\"a\", \"b\"\n\"1\", \"x\"\n", []source.Change{update("1", "b", "y")}, "\"a\", \"b\"\n\"1\", \"y\"\n"},
		"ragged rows stay":       {"a,b\n1\n2,y\n3,z,,\n", []source.Change{update("2", "b", "q")}, "a,b\n1\n2,q\n3,z,,\n"},
		"insert":                 {"a,b\n1,x\n", []source.Change{insert("a", "2", "b", "y")}, "a,b\n1,x\n2,y\n"},
		"insert, no final eol":   {"a,b\r\n1,x", []source.Change{insert("a", "2", "b", "y"), insert("a", "3")}, "a,b\r\n1,x\r\n2,y\r\n3,"},
		"insert in quoted style": {"a,b,c\n1,\"x\",2\n", []source.Change{insert("a", "2", "b", "y")}, "a,b,c\n1,\"x\",2\n2,\"y\",\n"},
		"insert below header":    {"\"a\",\"b\"", []source.Change{insert("a", "2", "b", "y")}, "\"a\",\"b\"\n\"2\",\"y\""},
		"insert above blanks":    {"a,b\n1,x\n\n,\n", []source.Change{insert("a", "2", "b", "y")}, "a,b\n1,x\n2,y\n\n,\n"},
		"sep directive":          {"sep=;\r\na;b\r\n1;x\r\n", []source.Change{update("1", "b", "y")}, "sep=;\r\na;b\r\n1;y\r\n"},
		"two updates of a row":   {"a,b,c\n1,x,y\n", []source.Change{update("1", "b", "q"), update("1", "c", "r")}, "a,b,c\n1,q,r\n"},
	}
	encodings := map[string]encoding.Encoding{
		"UTF-8": encoding.Nop, "UTF-8 BOM": unicode.UTF8BOM,
		"UTF-16 LE": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "UTF-16 BE": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	}
	for name, test := range tests {
		for encName, enc := range encodings {
			t.Run(name+"/"+encName, func(t *testing.T) {
				t.Parallel()
				path := write(t, encode(t, enc, test.content))
				s := open(t, path, "a")
				before := version(t, s)
				p := prepare(t, s, test.changes...)
				for i, o := range p.Outcomes() {
					if o.State != source.Done {
						t.Errorf("change %d: %s, %v", i, o.State, o.Err)
					}
					for column, v := range test.changes[i].Fields {
						if o.Now[column] != v {
							t.Errorf("change %d: %s reads back as %q, want %q", i, column, o.Now[column], v)
						}
					}
				}
				if p.Before() != before {
					t.Error("Before is not the version before")
				}
				commit(t, p)
				if got := version(t, s); got != p.After() {
					t.Error("After is not the version after")
				}
				if diff := cmp.Diff(string(encode(t, enc, test.want)), read(t, path)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestWritingInWindows1252(t *testing.T) {
	t.Parallel()
	path := write(t, encode(t, charmap.Windows1252, "a;b;c\r\n1;Müller;€\r\n2;x;y\r\n"))
	s := open(t, path, "a")
	p := prepare(t, s,
		source.Change{Kind: source.Update, Key: "2", Fields: values("b", "Übel – „gut“")},
		source.Change{Kind: source.Update, Key: "1", Fields: values("b", "Łódź")})
	commit(t, p)
	if o := p.Outcomes()[1]; o.State != source.Refused || !strings.Contains(o.Err.Error(), "“Ł” can't be written") {
		t.Errorf("got %v %v, want a refusal that names the character", o.State, o.Err)
	}
	want := encode(t, charmap.Windows1252, "a;b;c\r\n1;Müller;€\r\n2;Übel – „gut“;y\r\n")
	if got := read(t, path); got != string(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestChangesThatCanNotBeMade(t *testing.T) {
	t.Parallel()
	const content = "a,b\n1,x\n2,y\n2,z\n3,p,q\n,w\n"
	tests := map[string]struct {
		change source.Change
		state  source.OutcomeState
		msg    string
	}{
		"row gone":        {source.Change{Kind: source.Update, Key: "9", Fields: values("b", "!")}, source.Moved, ""},
		"value moved":     {source.Change{Kind: source.Update, Key: "1", Fields: values("b", "!"), Expect: values("b", "X")}, source.Moved, ""},
		"two rows":        {source.Change{Kind: source.Update, Key: "2", Fields: values("b", "!")}, source.Refused, "lines 3 and 4 both have the key “2”"},
		"ragged row":      {source.Change{Kind: source.Update, Key: "3", Fields: values("b", "!")}, source.Refused, "line 5 has 3 cells"},
		"no key":          {source.Change{Kind: source.Update, Fields: values("b", "!")}, source.Refused, "fill in a"},
		"unknown column":  {source.Change{Kind: source.Update, Key: "1", Fields: values("z", "!")}, source.Refused, "no column “z”"},
		"key taken":       {source.Change{Kind: source.Update, Key: "1", Fields: values("a", "2")}, source.Refused, "which another row has"},
		"key emptied":     {source.Change{Kind: source.Update, Key: "1", Fields: values("a", " ")}, source.Refused, "would empty a key column"},
		"insert existing": {source.Change{Kind: source.Insert, Fields: values("a", "1")}, source.Refused, "line 2 has the key “1” already"},
		"insert no key":   {source.Change{Kind: source.Insert, Fields: values("b", "!")}, source.Refused, "needs a value in each key column"},
		"no such kind":    {source.Change{Kind: "drop", Key: "1"}, source.Refused, "not known"},
		"not text":        {source.Change{Kind: source.Update, Key: "1", Fields: values("b", "\xff")}, source.Refused, "no text"},
		"zero character":  {source.Change{Kind: source.Update, Key: "1", Fields: values("b", "a\x00")}, source.Refused, "zero character"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, []byte(content))
			s := open(t, path, "a")
			p := prepare(t, s, test.change)
			o := p.Outcomes()[0]
			if o.State != test.state || test.msg != "" && (o.Err == nil || !strings.Contains(o.Err.Error(), test.msg)) {
				t.Errorf("got %s, %v; want %s, %q", o.State, o.Err, test.state, test.msg)
			}
			if p.Before() != p.After() {
				t.Error("nothing changes, and yet the versions differ")
			}
			commit(t, p)
			if got := read(t, path); got != content {
				t.Errorf("the file became %q", got)
			}
		})
	}
}

func TestCommitRefusesAFileThatMoved(t *testing.T) {
	t.Parallel()
	path := write(t, []byte("a,b\n1,x\n"))
	s := open(t, path, "a")
	p := prepare(t, s, source.Change{Kind: source.Update, Key: "1", Fields: values("b", "y")})
	if err := os.WriteFile(path, []byte("a,b\n1,u\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.Commit(t.Context()); !errors.Is(err, source.ErrMoved) {
		t.Errorf("got %v, want ErrMoved", err)
	}
	if got := read(t, path); got != "a,b\n1,u\n" {
		t.Errorf("somebody's edit was overwritten: %q", got)
	}
	if left := names(t, filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestOnePreparationAtATime(t *testing.T) {
	t.Parallel()
	s := open(t, write(t, []byte("a,b\n1,x\n")), "a")
	change := source.Change{Kind: source.Update, Key: "1", Fields: values("b", "y")}
	p := prepare(t, s, change)
	if _, err := s.Prepare(t.Context(), nil); err == nil {
		t.Error("a second preparation was let in")
	}
	if err := p.Discard(); err != nil {
		t.Error(err)
	}
	q := prepare(t, s, change)
	if err := p.Discard(); err != nil { // late and without effect
		t.Error(err)
	}
	if _, err := s.Prepare(t.Context(), nil); err == nil {
		t.Error("a discard of the first let a third in beside the second")
	}
	commit(t, q)
}

func TestALockedFileIsReadOnly(t *testing.T) {
	t.Parallel()
	path := write(t, []byte("a,b\n1,x\n"))
	s := open(t, path, "a")
	lock := filepath.Join(filepath.Dir(path), ".~lock."+filepath.Base(path)+"#")
	if err := os.WriteFile(lock, []byte(",anna,desk,24.11.2026 06:14,file:///home/anna/.config;"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.Prepare(t.Context(), []source.Change{{Kind: source.Update, Key: "1", Fields: values("b", "y")}})
	var ro *source.ReadOnlyError
	if !errors.As(err, &ro) || !strings.Contains(ro.Msg, "LibreOffice by anna on desk") {
		t.Errorf("got %v", err)
	}
}

func TestWithoutAKeyAFileIsReadOnly(t *testing.T) {
	t.Parallel()
	s := open(t, write(t, []byte("a,b\n1,x\n")))
	_, err := s.Prepare(t.Context(), nil)
	var ro *source.ReadOnlyError
	if !errors.As(err, &ro) {
		t.Errorf("got %v, want a *ReadOnlyError", err)
	}
	if schema, err := s.Describe(t.Context()); err != nil || schema.Abilities.Why == "" {
		t.Errorf("Describe gives no reason: %+v, %v", schema.Abilities, err)
	}
}

// The new content is made from what was read, or not at all.
func TestAFileSavedDuringThePreparationIsNoticed(t *testing.T) {
	t.Parallel()
	path := write(t, []byte("a,b\n1,x\n2,y\n"))
	r := localfile.New()
	r.Disk = saveOnCreate{localfile.OS{}, func() {
		if err := os.WriteFile(path, []byte("a,b\n1,x\n2,z\n"), 0o600); err != nil {
			t.Error(err)
		}
	}}
	s, err := csvfile.Open(t.Context(), csvfile.Options{Path: path, Key: []string{"a"}, Replacer: r})
	if err != nil {
		t.Fatal(err)
	}
	change := source.Change{Kind: source.Update, Key: "1", Fields: values("b", "q")}
	if _, err := s.Prepare(t.Context(), []source.Change{change}); !errors.Is(err, source.ErrMoved) {
		t.Errorf("got %v, want ErrMoved", err)
	}
	if got := names(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("left behind: %v", got)
	}
}

// saveOnCreate is a disk on which somebody saves when the temporary file is
// made.
type saveOnCreate struct {
	localfile.Disk
	save func()
}

func (d saveOnCreate) Create(name string, mode os.FileMode) (localfile.WriteFile, error) {
	d.save()
	return d.Disk.Create(name, mode)
}

func TestBrokenUTF16IsReadAndNotWritten(t *testing.T) {
	t.Parallel()
	good := encode(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "a;b\n1;x\n2;y\n")
	for name, content := range map[string][]byte{
		"half a pair": []byte(strings.Replace(string(good), "x\x00", "\x00\xD8", 1)),
		"half a unit": append(good, 'z'),
	} {
		s := open(t, write(t, content), "a")
		rows := 0
		for _, err := range s.Rows(t.Context(), time.Time{}) {
			_ = err // a broken row counts too
			rows++
		}
		_, err := s.Prepare(t.Context(), []source.Change{{Kind: source.Update, Key: "2", Fields: values("b", "q")}})
		var ro *source.ReadOnlyError
		if rows < 2 || !errors.As(err, &ro) || !strings.Contains(ro.Msg, "UTF-16 LE") {
			t.Errorf("%s: %d rows, then %v", name, rows, err)
		}
	}
}
