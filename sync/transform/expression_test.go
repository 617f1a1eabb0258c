package transform

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"syncline/sync/record"
)

func formula(text string) Step { return step("expression", "", text) }

var customer = record.Values{
	"First": record.Text("Ada"), "Last": record.Text("Lovelace"), "First name": record.Text("Ada M."), "Größe": record.Text("12"),
	"Amount": record.Text("19.99"), "Count": record.Text("3"), "Empty": record.None(), "Since": record.Text("31.12.2025"),
	"Tags": record.Text("red, blue,green"), "date": record.Text("a column named like a function"),
}

// TestExpressions: what a formula works out, in canonical form.
func TestExpressions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`First + " " + Last`:                           "Ada Lovelace",
		`row["First name"] + "!"`:                      "Ada M.!",
		`upper(value)`:                                 "IT",
		`Größe + "cm"`:                                 "12cm",
		`number(Amount) * number(Count)`:               "59.97",
		`number(Amount) * 100`:                         "1999",
		`0.1 + 0.2`:                                    "0.3",
		`number(Count) / 2`:                            "1.5",
		`round(1.005, 2)`:                              "1.01",
		`round(-2.5)`:                                  "-3",
		`round(number(Amount) / 3, 2)`:                 "6.66",
		`1 / 3.0`:                                      "0.333333333333333",
		`12345678901234567`:                            "12345678901234567",
		`number(Count) > 2 ? "many" : "few"`:           "many",
		`number(Count) > 2`:                            "true",
		`not (First == "Ada") or Last contains "x"`:    "false",
		`Empty == "" ? nil : Empty`:                    "",
		`Empty + First`:                                "Ada",
		`nil`:                                          "",
		`""`:                                           "",
		`date(Since, "DD.MM.YYYY")`:                    "2025-12-31",
		`addDays(date("2025-12-31"), 1)`:               "2026-01-01",
		`format(date("2025-12-31"), "DD.MM.YYYY")`:     "31.12.2025",
		`year(date(Since, "DD.MM.YYYY")) + 1`:          "2026",
		`days(date("2025-01-01"), date("2026-01-01"))`: "365",
		`date("2025-12-31") < date("2026-01-01")`:      "true",
		`map(split(Tags, ","), trim(#))`:               "red;blue;green",
		`join(filter(split(Tags, ","), len(trim(#)) > 3), "/")`:     " blue/green",
		`count(split(Tags, ","), # contains "e")`:                   "3",
		`replace(First, "A", "E") + left(Last, 2) + right(Last, 1)`: "EdaLoe",
		`First matches "^A.a$"`:                                     "true",
		`let full = First + Last; len(full)`:                        "11",
		`First + number(Count) + true`:                              "Ada3true",
		`row["date"]`:                                               "a column named like a function",
		`First startsWith "A" && Last endsWith "e"`:                 "true",
		`first(split(Last, "o"))`:                                   "L",
		`text(number(Count)) + "x"`:                                 "3x",
	} {
		got, err := Chain{formula(text)}.Apply(record.Text("it"), Env{Row: customer})
		if err != nil || got.String() != want {
			t.Errorf("%s gives %q, %v; want %q", text, got.String(), err, want)
		}
	}
}

// TestExpressionMistakes: what can't work is said before any row is read.
func TestExpressionMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                              "formula",
		`First +`:                       "unexpected token",
		`Amount * 2`:                    "make a number of it with number(…)",
		`uper(First)`:                   "did you mean upper?",
		`now()`:                         "there is no function",
		`keys(row)`:                     "there is no function",
		`repeat(First, 1000000)`:        "there is no function",
		`fromJSON(First)`:               "there is no function",
		`lower(5)`:                      "cannot use int",
		`row`:                           `row["First name"]`,
		`row[First]`:                    "between quotes",
		`$env`:                          "name the columns",
		`$env["First"]`:                 "name the columns",
		`date + "x"`:                    `row["date"] for the column`,
		`date("2026-01-01").Local()`:    "only functions by their names",
		`First.foo()`:                   "only functions by their names",
		`map([1,2], map([1,2], #))`:     "a loop within a loop",
		`{"a": 1}`:                      "groups in braces",
		strings.Repeat("1+", 400) + "1": "exceeds maximum allowed nodes",
		strings.Repeat(" ", 5000) + "1": "at most 4000 characters",
		`First ? 1 : 2`:                 "non-bool",
		`value("x")`:                    "there is no function",
	} {
		err := Check(formula(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
}

// TestExpressionFailures: what one row can't be worked out for is that row's
// problem, which quotes its value.
func TestExpressionFailures(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`number(value)`:                        `"it" is not a number`,
		`number(Empty)`:                        "no number in an empty text",
		`1 / (number(Count) - 3)`:              "division by zero",
		`date(value)`:                          `"it" is not a date`,
		`[[1]]`:                                "list of lists",
		`1..3000`:                              "too many elements",
		`Last[0:1] + "é"[0:1]`:                 "cuts a character in two",
		`first([])  + 1`:                       "",
		`value matches "("`:                    "missing closing )",
		`addDays(date("2026-01-01"), 9000000)`: "too many",
	} {
		_, err := Chain{formula(text)}.Apply(record.Text("it"), Env{Row: customer})
		if want == "" {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"it"`) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestExpressionsAreBounded: no formula that is accepted works or grows without end, and what it says of that is the same each time.
func TestExpressionsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a,", 30_000)
	double := "let a0 = value + value; "
	for i := range 40 {
		double += fmt.Sprintf("let a%d = a%d + a%d; ", i+1, i, i)
	}
	loop := strings.Repeat(`count(1..1500, lower(value) contains "b") + `, 20) + "0"
	for name, text := range map[string]string{
		"doubling": double + "a40", "replacing": `replace(replace(replace(value, "a", value), "a", value), "a", value)`,
		"splitting": `split(value, ",")`, "looping": loop, "matching": `count(1..1999, value matches "(a|b)*c")`,
		"joining": `join(map(1..1999, value), value)`, "any": `let x = true ? value : 1; let y = x + x + x + x + x + x + x + x; y + y + y + y + y + y + y + y`,
		"adding up": `sum(map(1..1999, len(value)))`,
	} {
		if err := Check(formula(text)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, first := Chain{formula(text)}.Apply(record.Text(long), Env{Row: customer})
		_, again := Chain{formula(text)}.Apply(record.Text(long), Env{Row: customer})
		if first == nil || fmt.Sprint(first) != fmt.Sprint(again) {
			t.Errorf("%s: %v, then %v", name, first, again)
		}
	}
}

// TestExpressionColumns: the columns that a formula names are known, so that
// they are read and their absence is told.
func TestExpressionColumns(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`First + row["First name"] + value`: {"First", "First name"},
		`let First2 = Last; First2`:         {"Last"},
		`map(split(Tags, ","), # + Count)`:  {"Tags", "Count"},
		`upper(value)`:                      nil,
		`bad(`:                              nil,
	} {
		got := formula(text).Columns()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s names %q, want %q", text, got, want)
		}
	}
	if got := step("join", "fields", "Last, First name").Columns(); !slices.Equal(got, []string{"Last", "First name"}) {
		t.Errorf("join names %q", got)
	}
	if _, ok := (Chain{formula(`upper(value)`)}).Inverse(); ok {
		t.Error("an expression has a way back")
	}
}
