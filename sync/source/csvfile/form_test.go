package csvfile_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/source"
	"syncline/sync/source/csvfile"
)

// shown is what a file says: its rows and refusals, a line each, then its
// notes and questions.
func shown(t *testing.T, o csvfile.Options) string {
	t.Helper()
	s, err := csvfile.Open(t.Context(), o)
	if err != nil {
		return "error " + strings.ReplaceAll(err.Error(), o.Path, "FILE")
	}
	schema, err := s.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for row, err := range s.Rows(t.Context(), time.Time{}) {
		var bad *source.RowError
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		if bad != nil {
			fmt.Fprintf(&b, "line %d refused %q: %s\n", bad.Line, bad.Columns, bad.Msg)
			continue
		}
		var cells []string
		for _, c := range schema.Columns {
			cells = append(cells, row.Fields[c.Name].String())
		}
		fmt.Fprintf(&b, "%s\n", strings.Join(cells, "|"))
	}
	for _, n := range s.Notes() {
		fmt.Fprintf(&b, "note %s\n", n.Text)
	}
	for _, q := range schema.Open {
		fmt.Fprintf(&b, "open %s\n", q.Key)
	}
	return b.String()
}

func TestTheFormsOfFilesOfOtherPrograms(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, content string
		want          string // all that is said, but for what stands behind ~
		not           string
	}{
		{"short rows", "Email,First,City\na@x.no,Ann\nb@x.no\n", "a@x.no|Ann|\nb@x.no||\nnote 2 rows are shorter than the header (the first is line 2)~", ""},
		{"empty cells too many", "Email,First\na@x.no,Ann,,,\nb@x.no,Ben, ,\"\",\n", "a@x.no|Ann\nb@x.no|Ben\n", ""},
		{"a row with another delimiter", "Email;First;City\na@x.no;Ann;Oslo\nb@x.no,Ben,Bergen\nc@x.no\n", "a@x.no|Ann|Oslo\nline 3 refused []: has one cell, which seems to be a row whose cells are parted by a comma, where the header has a semicolon; write it as the others are\nc@x.no||\nnote 1 row is shorter~", ""},
		{"cells too many", "Email,First\na@x.no,Ann,x\n", "line 2 refused []: has 3 cells, the header has 2\n", ""},
		{"spaces behind delimiters", "Email, First, City\na@x.no, \"Ann, B\" , Oslo\nb@x.no, Ben, \"a \"\"b\"\"\"\n", "a@x.no|Ann, B|Oslo\nb@x.no|Ben|a \"b\"\n", ""},
		{"lines in quotes", "\"Email,First,City\"\n\"a@x.no,Ann,\"\"Oslo, N\"\"\"\n\"b@x.no,Ben,Bergen\"\n", "a@x.no|Ann|Oslo, N\nb@x.no|Ben|Bergen\nnote Lines of the file stand in quotes as a whole~", ""},
		{"some lines in quotes", "Email,First,City\r\n\"a@x.no,Ann,\"\"Oslo\nN\"\"\"\r\nb@x.no,Ben,Bergen\r\n", "a@x.no|Ann|Oslo\nN\nb@x.no|Ben|Bergen\nnote Lines of the file stand in quotes as a whole~", ""},
		{"lines in quotes, then marks of a spreadsheet", "Email,First\n\"a@x.no,Ann\";;\n\"b@x.no,\"\"Ben\"\"\";;\n", "a@x.no|Ann\nb@x.no|Ben\nnote Lines~", ""},
		{"one column in quotes", "\"Name\"\n\"Smith, John\"\n\"Doe, Jane\"\n", "Smith, John\nDoe, Jane\n", ""},
		{"two marks", "\ufeff\ufeffEmail,First\na@x.no,Ann\n", "a@x.no|Ann\n", ""},
		{"three marks and quotes", "\ufeff\ufeff\ufeff\"Email\",\"First\"\r\n\"a@x.no\",\"Ann\"\r\n", "a@x.no|Ann\n", ""},
		{"a mark read as Windows-1252", "ï»¿Email,First\na@x.no,Ann\n", "a@x.no|Ann\n", ""},
		{"a mark inside, from joined files", "Email,First\na@x.no,Ann\n\ufeffb@x.no,Ben\n", "a@x.no|Ann\nb@x.no|Ben\nnote In the column “Email” the invisible characters of 1 cell~", ""},
		{"zeros as formulas", "Email,Zip\na@x.no,=\"01234\"\nb@x.no,\"=\"\"00501\"\"\"\n", "a@x.no|01234\nb@x.no|00501\nnote In the column “Zip” 2 cells are written in a form that keeps zeros~", ""},
		{"a formula of a text", "Email,Code\na@x.no,=\"A \"\"x\"\" 1\"\n", "a@x.no|A \"x\" 1\nnote~", ""},
		{"zeros behind apostrophes", "Email,Zip\na@x.no,'01234\nb@x.no,'0049 89 12\n", "a@x.no|01234\nb@x.no|0049 89 12\nnote~", ""},
		{"apostrophes that are text", "Email,Name\na@x.no,'t Hooft\nb@x.no,'99\nc@x.no,'80s\n", "a@x.no|'t Hooft\nb@x.no|'99\nc@x.no|'80s\n", ""},
		{"a sign before digits", "Email,Zip\na@x.no,\x1f030611\n", "a@x.no|030611\nnote In the column “Zip” the invisible characters of 1 cell are left out (the first is U+001F on line 2).\n", ""},
		{"one zero byte", "Email,First\na@x.no,Ann\nb@x.no,Be\x00n\nc@x.no,Cid\n", "a@x.no|Ann\nline 3 refused [\"First\"]: holds the control character U+0000, which no text does; take it out (cell 2, “First”)\nc@x.no|Cid\n", ""},
		{"zero bytes as padding", "Email,First\na@x.no,Ann\x00\nb@x.no,Ben12345678901234567890\n", "a@x.no|Ann\nb@x.no|Ben12345678901234567890\nnote~", ""},
		{"sep= with a comma", "sep=,\nEmail,Note\na@x.no,x;y\n", "a@x.no|x;y\n", ""},
		{"sep= in quotes", "\"sep=;\"\r\nEmail;Note\r\na@x.no;x,y\r\n", "a@x.no|x,y\n", ""},
		{"sep= with a caret", "sep=^\nEmail^Note\na@x.no^x,y\n", "a@x.no|x,y\n", ""},
		{"sep= with a tab", "sep=\t\nEmail\tNote\na@x.no\tx,y\n", "a@x.no|x,y\n", ""},
		{"sep= behind a mark", "\ufeffsep=;\nEmail;Note\na@x.no;x,y\n", "a@x.no|x,y\n", ""},
		{"a title", "\"Customer report\"\n\"Generated 2026-01-05\"\n\n\"Email\",\"First\"\n\"a@x.no\",\"Ann\"\n", "a@x.no|Ann\nnote The names of the columns are taken from line 4; what stands above them (“Customer report”) is passed over. Write header-row: 4 under source to settle it.\n", ""},
		{"a title over semicolons", "Kundenbericht\n\nEmail;First;City\na@x.no;Ann;Oslo\nb@x.no;Ben;Rom\n", "a@x.no|Ann|Oslo\nb@x.no|Ben|Rom\nnote The names of the columns are taken from line 3~", ""},
		{"a title and padding", "Report,,\nEmail,First,City\na@x.no,Ann,Oslo\n", "a@x.no|Ann|Oslo\nnote The names of the columns are taken from line 2~", ""},
		{"carets between the cells", "Email^First^City\na@x.no^Ann, B^Oslo\n", "a@x.no|Ann, B|Oslo\n", ""},
		{"a total at the end", "Email,First,Sum\na@x.no,Ann,1\nb@x.no,Ben,2\nTotal,,3\n", "a@x.no|Ann|1\nb@x.no|Ben|2\nline 4 refused []: seems to add up the table (“Total”)~", ""},
		{"the header repeated", "Email,First\na@x.no,Ann\nEmail,First\nb@x.no,Ben\n", "a@x.no|Ann\nline 3 refused []: repeats the names of the columns~", ""},
		{"an invisible sign in the header", "Email,\u200bZip\u200b\na@x.no,1\n", "a@x.no|1\n", ""},
		{"spaces alone", "Email,First,City\na@x.no,Ann,\"     \"\n", "a@x.no|Ann|\n", ""},
		{"words for nothing", "Email,First,City\na@x.no,NULL,\\N\n", "line 2 refused [\"First\" \"City\"]: holds “NULL”~", ""},
		{"errors as text", "Email,First,City\na@x.no,#N/A,#REF!\n", "line 2 refused [\"First\" \"City\"]: shows #N/A~", ""},
		{"free text with commas in one column", "Notes\n\"x\"\nhello, you\nthis, that\n", "", "header-row"},
		{"a lost letter", "Email,Last\na@x.no,M\ufffdller\n", "line 2 refused [\"Last\"]: holds the sign � (U+FFFD)~", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := shown(t, csvfile.Options{Path: write(t, []byte(test.content))})
			want, part, cut := strings.Cut(test.want, "~")
			if cut && !strings.HasPrefix(got, want) || part == "" && !cut && test.not == "" && got != want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if test.not != "" && strings.Contains(got, test.not) {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

func TestTheHeaderRowCanBeSaid(t *testing.T) {
	t.Parallel()
	content := "a,b\nc,d\nEmail,First\nx@x.no,Ann\n"
	path := write(t, []byte(content))
	if got := shown(t, csvfile.Options{Path: path, HeaderRow: 3}); got != "x@x.no|Ann\n" {
		t.Errorf("got\n%s", got)
	}
	if got := shown(t, csvfile.Options{Path: path, Key: []string{"Email"}}); !strings.HasPrefix(got, "x@x.no|Ann\nnote The names of the columns are taken from line 3") {
		t.Errorf("by the key:\n%s", got)
	}
	if got := shown(t, csvfile.Options{Path: path, HeaderRow: 9}); !strings.Contains(got, "has no row that starts on line 9") {
		t.Errorf("got\n%s", got)
	}
	// What stands above is kept when the file is written.
	s, err := csvfile.Open(t.Context(), csvfile.Options{Path: path, HeaderRow: 3, Key: []string{"Email"}})
	if err != nil {
		t.Fatal(err)
	}
	commit(t, prepare(t, s, source.Change{Kind: source.Update, Key: "x@x.no", Fields: values("First", "Bea")}, source.Change{Kind: source.Insert, Fields: values("Email", "y@x.no")}))
	if diff := cmp.Diff("a,b\nc,d\nEmail,First\nx@x.no,Bea\ny@x.no,\n", read(t, path)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWritingIntoAShortRowAddsItsCells(t *testing.T) {
	t.Parallel()
	path := write(t, []byte("Id,First,City,Note\r\n1,Ann\r\n2\r\n3,Cid,Rom,x,,\r\n4,Dag"))
	s := open(t, path, "Id")
	commit(t, prepare(t, s,
		source.Change{Kind: source.Update, Key: "1", Fields: values("City", "Oslo")},
		source.Change{Kind: source.Update, Key: "2", Fields: values("Note", "a,b"), Expect: values("Note", "")},
		source.Change{Kind: source.Update, Key: "3", Fields: values("Note", "y")},
		source.Change{Kind: source.Update, Key: "4", Fields: values("First", "Dan", "Note", "z")},
		source.Change{Kind: source.Insert, Fields: values("Id", "5", "Note", "n")}))
	if diff := cmp.Diff("Id,First,City,Note\r\n1,Ann,Oslo\r\n2,,,\"a,b\"\r\n3,Cid,Rom,y,,\r\n4,Dan,,z\r\n5,,,n", read(t, path)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARefusedCellHoldsBackNoOther(t *testing.T) {
	t.Parallel()
	path := write(t, encode(t, windows1252, "Id;First;Last\n1;Zoë;Grün\n"))
	s, err := csvfile.Open(t.Context(), csvfile.Options{Path: path, Key: []string{"Id"}, Encoding: "windows-1252"})
	if err != nil {
		t.Fatal(err)
	}
	p := prepare(t, s, source.Change{Kind: source.Update, Key: "1", Fields: values("First", "An\u2028na", "Last", "x")})
	if msg := p.Outcomes()[0].Left["First"].Error(); !strings.Contains(msg, "the character U+2028 can't be written in this file") {
		t.Errorf("a character that nobody sees: %s", msg)
	}
	if err := p.Discard(); err != nil {
		t.Fatal(err)
	}
	p = prepare(t, s, source.Change{Kind: source.Update, Key: "1", Fields: values("First", "Ола", "Last", "Grünlich")})
	o := p.Outcomes()[0]
	if o.State != source.Done || o.Left["First"] == nil || o.Left["Last"] != nil || o.Now["Last"].String() != "Grünlich" {
		t.Fatalf("%+v", o)
	}
	if msg := o.Left["First"].Error(); !strings.Contains(msg, "“О” can't be written in this file, whose encoding is Windows-1252") {
		t.Error(msg)
	}
	commit(t, p)
	if diff := cmp.Diff(string(encode(t, windows1252, "Id;First;Last\n1;Zoë;Grünlich\n")), read(t, path)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p = prepare(t, s, source.Change{Kind: source.Update, Key: "1", Fields: values("First", "Ола")})
	if o := p.Outcomes()[0]; o.State != source.Refused {
		t.Errorf("%+v", o)
	}
}

// What Syncline would read back as nothing, or refuse, is not written as if it
// were there.
func TestWhatCouldNotBeReadBackIsNotWritten(t *testing.T) {
	t.Parallel()
	path := write(t, []byte("Id,First\n1,Ann\n"))
	s := open(t, path, "Id")
	for _, text := range []string{"NULL", "a\x00b", "#N/A"} {
		p := prepare(t, s, source.Change{Kind: source.Update, Key: "1", Fields: values("First", text)})
		if o := p.Outcomes()[0]; o.State != source.Refused {
			t.Errorf("%q: %+v", text, o)
		}
		if err := p.Discard(); err != nil {
			t.Fatal(err)
		}
	}
}

// Files that other programs wrote; testdata/README says how.
func TestFilesOfOtherPrograms(t *testing.T) {
	t.Parallel()
	for name, want := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := "testdata/programs/" + name
			if _, err := os.Stat(path); err != nil {
				t.Fatal(err)
			}
			if got := shown(t, csvfile.Options{Path: path, Key: []string{"Id"}}); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// programs are the files under testdata/programs and what they say.
var programs = map[string]string{
	"libreoffice.csv": `1|ann@example.com|01234|0.3|2023-03-15 18:00:00|TRUE|Fjord AS|ann@example.com
2|ben@example.com|00501|435|2024-02-29|FALSE||ben@example.com
3|cid@example.com|90210|12.5||||
`,
	"libreoffice-utf16.csv": `1|ann@example.com|01234|0.3|2023-03-15 18:00:00|TRUE|Fjord AS|ann@example.com
2|ben@example.com|00501|435|2024-02-29|FALSE||ben@example.com
3|cid@example.com|90210|12.5||||
`,
	"libreoffice-1250.csv": `1|Dvořák|01234
2|Růžička|00501
3|Šťastný|99501
4|Kovářová|11000
5|Černý|12000
note The file does not say how it writes characters. It is read as Windows-1250, which alone makes sense (“Dvořák, Růžička, Šťastný”).
`,
	"gnumeric.csv": `1|ann@example.com|1234|0.3|2023/03/15 18:00:00|TRUE|Fjord AS|ann@example.com
2|ben@example.com|501|434.9999999999999|2024/02/29|FALSE||ben@example.com
3|cid@example.com|90210|12.5||||
`,
	"in2csv.csv": `1|ann@example.com|1234|0.3|2023-03-15T18:00:00|True|Fjord AS|ann@example.com
2|ben@example.com|501|435|2024-02-29T00:00:00|False||ben@example.com
3|cid@example.com|90210|12.5||||
`,
	"csvkit.csv": `1|ann@example.com|01234|Zoë, Åse
2|ben@example.com|00501|0123
3|cid@example.com|99501|=1+1
note In the column “Note” 1 cell is written in a form that keeps zeros (the first is '0123 on line 3): the form is taken off.
note In the column “Note” there is 1 cell with a formula, which nothing calculates in a CSV file (the first is =1+1 on line 4): each is taken as a text; export the results.
`,
	"csvkit.tsv": `1|ann@example.com|01234|Zoë, Åse
2|ben@example.com|00501|0123
3|cid@example.com|99501|=1+1
note In the column “Note” 1 cell is written in a form that keeps zeros (the first is '0123 on line 3): the form is taken off.
note In the column “Note” there is 1 cell with a formula, which nothing calculates in a CSV file (the first is =1+1 on line 4): each is taken as a text; export the results.
`,
	"iconv-8859-2.csv": `1|Dvořák|01234
2|Růžička|00501
3|Šťastný|99501
4|Kovářová|11000
5|Černý|12000
open encoding
`,
	"iconv-1250.csv": `1|Dvořák|01234
2|Růžička|00501
3|Šťastný|99501
4|Kovářová|11000
5|Černý|12000
note The file does not say how it writes characters. It is read as Windows-1250, which alone makes sense (“Dvořák, Růžička, Šťastný”).
`,
	"iconv-utf16le.csv": `1|Dvořák|01234
2|Růžička|00501
3|Šťastný|99501
4|Kovářová|11000
5|Černý|12000
`,
	"node-bom.csv": `1|ann@example.com|01234
2|ben@example.com|00501
note In the column “Zip” 2 cells are written in a form that keeps zeros (the first is ="01234" on line 2): the form is taken off.
`,
}
