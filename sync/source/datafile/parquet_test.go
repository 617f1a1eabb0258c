package datafile_test

import (
	"os"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"syncline/sync/source/datafile"
)

// The files were written by other programs: arrow-*.parquet by parquet-wasm 0.7
// (the Rust implementation of Arrow) in each of its compressions, hyparquet.parquet
// by hyparquet-writer (JavaScript).
func TestParquetOfOtherPrograms(t *testing.T) {
	t.Parallel()
	const arrow = `id:number|name:string|price:number|n:number|u:number|dec:number|day:date|us:datetime|local:datetime|tod:string|who.first:string|who.last:string|tags:string|cat:string
1|a|0.1|4294967295|18446744073709551615|-0.000000001|1969-12-31|1969-12-31T23:59:59.999999Z|1970-01-01T00:00:00|01:00:00|Ann|Lee|a;b|red
2||2.5|0|0|1.234567890|2024-02-29|2023-11-14T22:13:20.123456Z|2023-11-14T22:13:20.123|00:00:00.001|B|||blue
`
	want := map[string]string{
		"hyparquet": `id:number|email:string|name:string|amount:number|active:bool|since:datetime|tags:string
9007199254740993|ann@example.com|Zoë 😀|0.1|true|2023-03-15T18:00:00.123Z|["a","b"]
2|ben@example.com|שלום|1000000000000000000000|false|1969-12-31T23:59:59.999Z|[]
3||N/A|0|||["x;y"]
note In the column “tags” there are 2 cells with a text, list or object as programs write it, or a field that one has not filled in (the first is “["a","b"]” on line 1): it is taken as it stands; export the plain text.
`,
	}
	for _, packing := range []string{"snappy", "zstd", "lz4", "gzip", "brotli"} {
		want["arrow-"+packing] = arrow
	}
	for name, want := range want {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := told(t, datafile.Options{Kind: datafile.Parquet, Path: "testdata/" + name + ".parquet", Key: []string{"id"}, NoBlanks: true}); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// older is what writers of before 2018 wrote, and what no cell can hold.
type older struct {
	ID      string            `parquet:"id"`
	Seen    deprecated.Int96  `parquet:"seen"`
	Raw     []byte            `parquet:"raw"`
	Small   int32             `parquet:"small,decimal(2:9)"`
	Wide    int64             `parquet:"wide,decimal(9:18)"`
	UUID    [16]byte          `parquet:"uuid,uuid"`
	Numbers []int32           `parquet:"numbers"`
	Float   float64           `parquet:"float"`
	Props   map[string]string `parquet:"props"`
	Items   []struct {
		SKU string `parquet:"sku"`
		N   int32  `parquet:"n"`
	} `parquet:"items"`
}

func TestParquetThatIsOlderOrOdd(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/older.parquet"
	nan := 0.0
	rows := []older{
		{ID: "a", Seen: deprecated.Int96{1, 0, 2440589}, Raw: []byte("text"), Small: -5, Wide: 1, UUID: [16]byte{0x12, 15: 0xFF}, Numbers: []int32{1, 2}, Float: 1e-7, Props: map[string]string{"k": "v"}},
		{ID: "b", Raw: []byte{0xFF}, Float: nan / nan},
	}
	if err := parquet.WriteFile(path, rows); err != nil {
		t.Fatal(err)
	}
	want := `id:string|seen:datetime|raw:string|small:number|wide:number|uuid:string|numbers:string|float:number
a|1970-01-02T00:00:00.000000001Z|text|-0.05|0.000000001|12000000-0000-0000-0000-0000000000ff|1;2|0.0000001
b||||||||
`
	got := told(t, datafile.Options{Kind: datafile.Parquet, Path: path})
	if head, _, _ := strings.Cut(want, "\nb"); !strings.HasPrefix(got, head) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, sentence := range []string{"“raw” holds bytes that are no text", "“float” holds NaN, which is no number to write", "are left out: props.", "items.sku"} {
		if !strings.Contains(got, sentence) {
			t.Errorf("lacks %q:\n%s", sentence, got)
		}
	}
}

// A damaged file is a sentence, wherever the damage is.
func TestDamagedParquetIsASentence(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile("testdata/arrow-snappy.parquet")
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += 7 {
		damaged := append([]byte(nil), whole...)
		damaged[at] ^= 0xFF
		told(t, datafile.Options{Kind: datafile.Parquet, Path: put(t, "a.parquet", string(damaged))})
	}
	for at := 5; at < len(whole); at += 31 {
		if got := told(t, datafile.Options{Kind: datafile.Parquet, Path: put(t, "a.parquet", string(whole[:at]))}); !strings.HasPrefix(got, "error FILE: ") {
			t.Errorf("cut at %d: %s", at, got)
		}
	}
}
