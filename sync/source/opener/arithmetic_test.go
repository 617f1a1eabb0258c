package opener_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// SQLite takes '12,50' for 12, '€ 5' for 0 and 'true' for false. A query that would
// have it do so says which text that is, where it stands, and what would come of it.
func TestAQueryOnFilesTakesNoTextForAnotherNumber(t *testing.T) {
	t.Parallel()
	files := map[string]string{"o.csv": "id,p,amount,day,won,n\n1,1,10,2026-01-02,1,2\n2,1,\"12,50\",2026-03-04,true,3\n3,2,,2026-05-06,0,4\n"}
	for query, want := range map[string]string{
		// What is refused: the expression and the number.
		"SELECT p AS id, sum(amount) AS s FROM o GROUP BY p":                       "amount|12",
		"SELECT p AS id, total(o.amount) AS s FROM o GROUP BY p":                   "o.amount|12",
		"SELECT p AS id, AVG (DISTINCT o.\"amount\") AS s FROM o GROUP BY p":       "o.\"amount\"|12",
		"SELECT id, sum(amount) OVER (PARTITION BY p) AS s FROM o":                 "amount|12",
		"SELECT p AS id, sum(coalesce(amount, 0) * n) AS s FROM o GROUP BY p":      "coalesce(amount, 0)|12",
		"SELECT id, n * amount FROM o":                                             "amount|12",
		"SELECT id, - amount + n AS s FROM o -- o.n * 2\n;":                        "amount|12",
		"SELECT id, (CASE WHEN p = 1 THEN amount ELSE 0 END) / 2 AS s FROM o":      "(CASE WHEN p = 1 THEN amount ELSE 0 END)|12",
		"SELECT id, CAST(amount AS REAL) AS s FROM o":                              "amount|12",
		"SELECT id, round(amount, 1) AS s FROM o":                                  "amount|12",
		"SELECT id, n FROM o WHERE amount > 100":                                   "amount|12",
		"SELECT id, n FROM o WHERE 100 <= o.amount AND n < 9":                      "o.amount|12",
		"SELECT id, n FROM o WHERE amount NOT BETWEEN 1 AND 5":                     "amount|12",
		"SELECT id, n FROM o WHERE n BETWEEN 1 AND 5 AND won ORDER BY id":          "won|0",
		"WITH x AS (SELECT id, amount - 1 AS a FROM o) SELECT id, sum(a) s FROM x": "amount|12",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			s, _, err := joined(t, query, files)
			for _, rowErr := range s.Rows(t.Context(), time.Time{}) {
				err = rowErr
			}
			what, count, _ := strings.Cut(want, "|")
			if err == nil || !strings.Contains(err.Error(), "takes "+what+" for a number") || !strings.Contains(err.Error(), "would count as "+count+".") {
				t.Fatalf("said: %v", err)
			}
			if bare := strings.Trim(strings.TrimPrefix(what, "o."), `"`); bare == "amount" && !strings.Contains(err.Error(), "in line 3 of o.csv") {
				t.Errorf("it does not say where: %v", err)
			}
		})
	}
	for query, want := range map[string][]string{
		"SELECT p AS id, sum(replace(amount, ',', '.')) AS s FROM o GROUP BY p":  {"1|22.5", "2|"},
		"SELECT id, id + 0.1 + 0.2, count(*) * n FROM o GROUP BY id HAVING id=3": {"3|3.3|4"},
		"SELECT id, strftime('%Y', day) - 2000 AS y FROM o WHERE NOT won = 'x'":  {"1|26", "2|26", "3|26"},
		"SELECT o.* FROM o WHERE day BETWEEN '2026-02-01' AND day":               {"2|1|12,50|2026-03-04|true|3", "3|2||2026-05-06|0|4"},
		"SELECT id, sum(n) OVER (ORDER BY id) * 2 AS s FROM o":                   {"1|4", "2|10", "3|18"},
		"SELECT id, CAST(amount AS TEXT) AS s, amount || n AS t FROM o":          {"1|10|102", "2|12,50|12,503", "3||"},
		"SELECT id, '5,5' AS s, day < '2026-02' AS early FROM o":                 {"1|5,5|1", "2|5,5|0", "3|5,5|0"},
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			s, _, err := joined(t, query, files)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, rowsOf(t, s)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
