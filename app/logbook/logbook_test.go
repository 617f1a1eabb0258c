package logbook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncline/app/logbook"
)

func open(t testing.TB, dir string) *logbook.Book {
	t.Helper()
	b, err := logbook.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// written is all that stands in the log's folder.
func written(t testing.TB, dir string) string {
	t.Helper()
	var all strings.Builder
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

func TestALineHasWhatItWasGiven(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "logs")
		b := open(t, dir)
		log := b.Logger().With("version", "1.2").WithGroup("run").With("id", "run-1")
		log.Warn("run ended", "took", 1500*time.Millisecond, "counts", map[string]int{"created": 2}, "scopes", []string{"a", "b"},
			slog.Group("calls", "total", 7, slog.Bool("throttled", false)), "none", nil)
		got, err := b.Newest(10)
		if err != nil {
			t.Fatal(err)
		}
		want := []logbook.Entry{{Time: time.Now(), Level: "WARN", Message: "run ended", Fields: []logbook.Field{
			{Name: "version", Value: "1.2"}, {Name: "run.id", Value: "run-1"}, {Name: "run.took", Value: "1.5s"}, {Name: "run.counts.created", Value: "2"},
			{Name: "run.scopes", Value: "a, b"}, {Name: "run.calls.total", Value: "7"}, {Name: "run.calls.throttled", Value: "false"}, {Name: "run.none", Value: ""}}}}
		if diff := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); diff != "" {
			t.Error(diff)
		}
		info, err := os.Stat(filepath.Join(dir, logbook.File))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("the file: %v, %v", info.Mode(), err)
		}
	})
}

// The kinds of things in which a text can come to the log.
type (
	stringer struct{ s string }
	valuer   struct{ v any }
	failing  struct{ text string }
	record   struct {
		Name  string
		Inner *record
		Bytes []byte
		Any   any
		own   string //nolint:unused // unexported fields are never looked at
	}
	panicking struct{}
	marshaler struct{ s string }
)

func (s stringer) String() string                { return s.s }
func (v valuer) LogValue() slog.Value            { return slog.AnyValue(v.v) }
func (f failing) Error() string                  { return f.text }
func (panicking) Error() string                  { panic("no") }
func (m marshaler) MarshalText() ([]byte, error) { return []byte(m.s), nil }

// places put a text into a log in every way there is.
var places = map[string]func(*slog.Logger, string){
	"message":         func(l *slog.Logger, s string) { l.Info("a " + s + " b") },
	"value":           func(l *slog.Logger, s string) { l.Info("m", "k", s) },
	"inside a value":  func(l *slog.Logger, s string) { l.Info("m", "k", `{"x":"`+s+`"}`) },
	"key":             func(l *slog.Logger, s string) { l.Info("m", s, 1) },
	"odd argument":    func(l *slog.Logger, s string) { l.Info("m", []any{s}...) },
	"group":           func(l *slog.Logger, s string) { l.Info("m", slog.Group("g", slog.Group("h", "k", s))) },
	"name of a group": func(l *slog.Logger, s string) { l.WithGroup(s).Info("m", "k", 1) },
	"With":            func(l *slog.Logger, s string) { l.With("k", s).WithGroup("g").Info("m", "k", 1) },
	"error":           func(l *slog.Logger, s string) { l.Info("m", "err", errors.New(s)) },
	"wrapped error": func(l *slog.Logger, s string) {
		l.Info("m", "err", fmt.Errorf("a: %w", errors.Join(io.EOF, failing{s})))
	},
	"quoted in error": func(l *slog.Logger, s string) { l.Info("m", "err", fmt.Errorf("a %q", s)) },
	"address in error": func(l *slog.Logger, s string) {
		l.Info("m", "err", &url.Error{Op: "Get", URL: "https://x/?a=" + url.QueryEscape(s), Err: io.EOF})
	},
	"LogValuer":       func(l *slog.Logger, s string) { l.Info("m", "k", valuer{valuer{s}}) },
	"LogValuer group": func(l *slog.Logger, s string) { l.Info("m", "k", valuer{slog.GroupValue(slog.Any("x", valuer{s}))}) },
	"Stringer":        func(l *slog.Logger, s string) { l.Info("m", "k", stringer{s}, "p", &stringer{s}) },
	"TextMarshaler":   func(l *slog.Logger, s string) { l.Info("m", "k", marshaler{s}) },
	"bytes":           func(l *slog.Logger, s string) { l.Info("m", "k", []byte(s), "j", json.RawMessage(s)) },
	"slice":           func(l *slog.Logger, s string) { l.Info("m", "k", []any{[]string{s}, s, failing{s}, valuer{s}}) },
	"map":             func(l *slog.Logger, s string) { l.Info("m", "k", map[string]any{s: map[any]any{1: s}}) },
	"struct": func(l *slog.Logger, s string) {
		l.Info("m", "k", record{Name: s, Inner: &record{Bytes: []byte(s), Any: &s}})
	},
	"attributes": func(l *slog.Logger, s string) { l.Info("m", "k", []slog.Attr{slog.String("a", s)}) },
	"array":      func(l *slog.Logger, s string) { l.Info("m", "k", [1][2]string{{s, s}}) },
}

func TestASecretThatIsKnownNeverComesThrough(t *testing.T) {
	t.Parallel()
	for name, put := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			n := 0
			rapid.Check(t, func(r *rapid.T) {
				n++
				b := open(t, filepath.Join(dir, fmt.Sprint(n)))
				log := b.Logger()
				secret := "S" + rapid.StringMatching(`[ -~]{10,60}`).Draw(r, "secret") + "S"
				later := rapid.Bool().Draw(r, "known only later")
				if later { // a logger made before the secret was known
					log = log.With("held", secret)
				}
				b.Hide(secret)
				put(log, secret)
				quoted, err := json.Marshal(secret)
				if err != nil {
					r.Fatal(err)
				}
				all := written(t, filepath.Join(dir, fmt.Sprint(n)))
				for _, form := range []string{secret, string(quoted[1 : len(quoted)-1]), url.QueryEscape(secret), url.PathEscape(secret)} {
					if strings.Contains(all, form) {
						r.Fatalf("%q stands in\n%s", form, all)
					}
				}
				if got, err := b.Newest(5); err != nil || len(got) != 1 {
					r.Fatalf("%d lines, %v in\n%s", len(got), err, all)
				}
			})
		})
	}
}

func TestWhatHasTheShapeOfASecretNeverComesThrough(t *testing.T) {
	t.Parallel()
	const core = "0a1b2c3d4e5f"
	shapes := []string{"pat-na1-" + core, "pat-eu1-11111111-2222-3333-" + core, "Bearer " + core, "Authorization: Basic " + core, "na1-1111-2222-" + core, "access_token=" + core, "client_secret=" + core,
		"https://x/?code=" + core + "&state=" + core, "postgres://u:" + core + "@db/x", core + "@example.com", "password: " + core, `"refresh_token":"` + core + `"`, "u:" + core + "@tcp(db)/x", "hapikey=" + core}
	for name, put := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			n := 0
			rapid.Check(t, func(r *rapid.T) {
				n++
				b := open(t, filepath.Join(dir, fmt.Sprint(n)))
				text := rapid.StringMatching(`([a-z ]{0,8} )?`).Draw(r, "before") + rapid.SampledFrom(shapes).Draw(r, "shape") + rapid.StringMatching(`( [a-z ]{0,8})?`).Draw(r, "after")
				put(b.Logger(), text)
				if all := written(t, filepath.Join(dir, fmt.Sprint(n))); strings.Contains(all, core) {
					r.Fatalf("%q leaves\n%s", text, all)
				}
			})
		})
	}
}

func TestPhoneNumbersAndPathsOfHomeNeverComeThrough(t *testing.T) {
	t.Parallel()
	home, err := os.UserHomeDir()
	if err != nil {
		t.Skip(err)
	}
	for name, put := range places {
		dir := t.TempDir()
		b := open(t, dir)
		put(b.Logger(), "call +49 30 1234567 about "+home+"/book.xlsx")
		if all := written(t, dir); strings.Contains(all, "1234567") || strings.Contains(all, home+"/book") {
			t.Errorf("%s:\n%s", name, all)
		}
	}
}

func TestAFieldIsHiddenByItsName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, dir)
	b.Logger().Info("m", "token", "swordfish", "email", 4711, slog.Group("credentials", "user", "swordfish"), "form", url.Values{"code": {"swordfish"}}, "s", struct{ Password string }{"swordfish"}, "phone", 4711)
	if all := written(t, dir); strings.Contains(all, "swordfish") || strings.Contains(all, "4711") {
		t.Error(all)
	}
}

// What an error quotes is often a value of somebody's data.
func TestAnErrorsQuotationsAreLeftOut(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir())
	b.Logger().Error("row", "err", fmt.Errorf("line 7: %q is no number: %w", "Ann Lee", io.ErrUnexpectedEOF))
	got, err := b.Newest(1)
	if err != nil || len(got) != 1 || got[0].Fields[0].Value != `line 7: "…" is no number: unexpected EOF` {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestNothingThatIsLoggedEndsTheProgram(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir())
	round := &record{Name: "round"}
	round.Inner = round
	var none *stringer
	b.Logger().Info("m", "panics", panicking{}, "round", round, "func", func() {}, "chan", make(chan int), "nil", none, "err", error(nil), "any", nil, "dec", 1.5, "big", []float64{1e300})
	if got, err := b.Newest(1); err != nil || len(got) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTheLogIsKeptToAFewFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var books []*logbook.Book
	for range 2 { // as two processes would
		b, err := logbook.OpenPatient(dir)
		if err != nil {
			t.Fatal(err)
		}
		books = append(books, b)
	}
	filler := strings.Repeat("x ", 32<<10)
	var wg sync.WaitGroup
	for i, b := range books {
		wg.Go(func() {
			for n := range 300 {
				b.Logger().Info("line", "book", i, "n", n, "filler", filler)
			}
		})
	}
	wg.Wait()
	names, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(names) != 5 {
		t.Fatalf("files: %v, %v", names, err)
	}
	for _, name := range names {
		// Each of two may have a line under way when the other finds the file full.
		if info, err := os.Stat(name); err != nil || info.Size() > logbook.MostBytes+2*(70<<10) || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	inOrder(t, books[0], 100)
}

// inOrder checks that the newest lines are there, each book's in their order and
// none of them left out.
func inOrder(t *testing.T, b *logbook.Book, want int) {
	t.Helper()
	got, err := b.Newest(want)
	if err != nil || len(got) != want {
		t.Fatalf("%d lines, %v", len(got), err)
	}
	last := map[string]int{}
	for _, e := range got {
		n, err := strconv.Atoi(e.Fields[1].Value)
		if err != nil {
			t.Fatal(err)
		}
		book := e.Fields[0].Value
		if before, ok := last[book]; ok && n != before+1 {
			t.Errorf("line %d of book %s comes after %d", n, book, before)
		}
		last[book] = n
	}
}

// A process that stands still while it puts the file aside costs the others one
// short wait, and no line.
func TestAProcessThatStandsStillHoldsUpOneLineAndLosesNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		b := open(t, dir)
		log := b.Logger()
		filler := strings.Repeat("x ", 32<<10)
		other := flock.New(b.LockName())
		if ours, err := other.TryLock(); err != nil || !ours {
			t.Fatal(ours, err)
		}
		began, lines := time.Now(), logbook.MostBytes/(64<<10)+20 // enough to be full
		for n := range lines {
			log.Info("line", "book", 0, "n", n, "filler", filler)
		}
		if took := time.Since(began); took != logbook.Patience {
			t.Errorf("the lines waited for %v, want %v once", took, logbook.Patience)
		}
		inOrder(t, b, lines)
		older := filepath.Join(dir, "syncline.1.log")
		if _, err := os.Stat(older); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the file was put aside while another process was at it: %v", err)
		}
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
		log.Info("line", "book", 0, "n", lines, "filler", filler)
		if info, err := os.Stat(older); err != nil || info.Size() < logbook.MostBytes {
			t.Errorf("the file was not put aside once the way was free: %v, %v", info, err)
		}
		inOrder(t, b, lines+1)
	})
}

// The wait ends as soon as the other process is done, and is not remembered.
func TestALineWaitsForAProcessThatIsPuttingTheFileAside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		b := open(t, dir)
		if err := os.WriteFile(filepath.Join(dir, logbook.File), bytes.Repeat([]byte("\n"), logbook.MostBytes), 0o600); err != nil {
			t.Fatal(err)
		}
		other := flock.New(b.LockName())
		if ours, err := other.TryLock(); err != nil || !ours {
			t.Fatal(ours, err)
		}
		began := time.Now()
		go func() {
			time.Sleep(logbook.Patience / 2)
			if err := other.Close(); err != nil {
				t.Error(err)
			}
		}()
		b.Logger().Info("line")
		if took := time.Since(began); took < logbook.Patience/2 || took >= logbook.Patience {
			t.Errorf("the line waited for %v", took)
		}
		if info, err := os.Stat(filepath.Join(dir, "syncline.1.log")); err != nil || info.Size() != logbook.MostBytes {
			t.Errorf("the full file was not put aside: %v, %v", info, err)
		}
	})
}

func TestAnExportIsWholeAndClean(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, dir)
	b.Logger().Info("one", "k", "swordfish <b>")
	// A line that was cut by a crash, and one by somebody else.
	f, err := os.OpenFile(filepath.Join(dir, logbook.File), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, `{"time":"2026-11-22T10:00:00Z","level":"INFO","msg":"cut`+"\n", `{"time":"2026-11-22T10:00:00Z","level":"INFO","msg":"ann@example.com"}`+"\n")
	f.Close()
	b.Logger().Info("two")
	b.Hide("swordfish")
	var out bytes.Buffer
	n, err := b.Export(&out)
	if err != nil || n != 3 || strings.Count(out.String(), "\n") != 3 {
		t.Fatalf("%d, %v\n%s", n, err, out.String())
	}
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
	if s := out.String(); strings.Contains(s, "swordfish") || strings.Contains(s, "ann@") || !strings.Contains(s, "[hidden] <b>") {
		t.Error(s)
	}
	if got, err := b.Newest(10); err != nil || len(got) != 3 || got[0].Message != "one" || got[2].Message != "two" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAFolderThatCannotBeMadeIsNamed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "logs")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := logbook.Open(file); err == nil || !strings.Contains(err.Error(), file) {
		t.Error(err)
	}
}
