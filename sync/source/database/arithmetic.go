package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncline/sync/record"
)

// SQLite takes a text for the number that it begins with, and for 0 where it begins
// with none: '12,50' is 12, and sum() of prices with a comma is another sum, without a
// word. What a query on files takes for a number is therefore led through a function
// that refuses a text that is none.

// numberFunction is its name in SQL.
const numberFunction = "syncline_number"

// notNumber begins the message of its error, which comes through SQLite as a text.
const (
	notNumber = "syncline: no number: "
	between   = "\x1f" // the expression and the text in it
)

// asNumber is the function: a number, and a text that is one as that; what is the
// expression as the query has it.
func asNumber(v any, what string) (any, error) {
	switch v := v.(type) {
	case int64, float64:
		return v, nil
	case string:
		if text := strings.Trim(v, " \t\n\v\f\r"); liteNumber.MatchString(text) {
			if n, err := strconv.ParseInt(text, 10, 64); err == nil {
				return n, nil
			}
			return strconv.ParseFloat(text, 64)
		}
		return nil, errors.New(notNumber + what + between + v)
	case []byte:
		if v == nil {
			return nil, nil //nolint:nilnil // NULL
		}
	}
	return nil, errors.New(notNumber + what + between + "bytes")
}

// noNumber is what the error says: which expression, and the text that it met.
func noNumber(msg string) (what, text string, ok bool) {
	_, msg, ok = strings.Cut(msg, notNumber)
	what, text, _ = strings.Cut(msg, between)
	return what, text, ok
}

var litePrefix = regexp.MustCompile(`^[ \t\n\v\f\r]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?`)

// takenFor is the number that SQLite would take a text for.
func takenFor(text string) string {
	if n := strings.TrimLeft(litePrefix.FindString(text), " \t\n\v\f\r"); n != "" {
		return n
	}
	return "0"
}

// sqlToken is a token of SQLite's SQL: a word, a name in quotes, a number, a text, or a sign.
type sqlToken struct {
	kind       byte // 'w', 'n' for a name in quotes, '0', 't', or 'o'
	text       string
	start, end int
}

var sqlTokens = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?(?:\*/|$)|(x?'(?:[^']|'')*')|("(?:[^"]|"")*"|` + "`(?:[^`]|``)*`" + `|\[[^\]]*\])|((?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)|([\pL_\x{80}-\x{10FFFF}][\pL\pN_$\x{80}-\x{10FFFF}]*)|(->>|->|\|\||<<|>>|<=|>=|<>|!=|==|[^\s])`)

// tokenise splits a statement, without its comments.
func tokenise(query string) (all []sqlToken) {
	for _, m := range sqlTokens.FindAllStringSubmatchIndex(query, -1) {
		for i, kind := range []byte{'t', 'n', '0', 'w', 'o'} {
			if from, to := m[2+2*i], m[3+2*i]; from >= 0 {
				all = append(all, sqlToken{kind, query[from:to], from, to})
			}
		}
	}
	return all
}

// words of SQL that are never an operand.
var sqlWords = strings.Fields(`SELECT DISTINCT ALL FROM WHERE AND OR NOT WHEN THEN ELSE CASE BETWEEN IN LIKE GLOB REGEXP MATCH ESCAPE ON USING BY HAVING LIMIT OFFSET AS IS ISNULL NOTNULL NULL
 VALUES OVER FILTER COLLATE GROUP ORDER UNION EXCEPT INTERSECT JOIN LEFT RIGHT INNER OUTER CROSS FULL NATURAL EXISTS WITH RECURSIVE ASC DESC NULLS WINDOW PARTITION ROWS RANGE`)

func (t sqlToken) is(words ...string) bool {
	return (t.kind == 'w' || t.kind == 'o') && slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, t.text) })
}

func (t sqlToken) keyword() bool { return t.kind == 'w' && t.is(sqlWords...) }

// ends reports whether a token may be the last one of an operand.
func (t sqlToken) ends() bool { return t.kind != 'o' && !t.keyword() || t.is(")") }

// span is a part of a statement, by its tokens: the last one is not of it.
type span struct{ from, to int }

// arithmetic finds what a statement takes for numbers.
type arithmetic struct {
	tokens []sqlToken
	pair   map[int]int // brackets and CASE … END, both ways
	spans  []span
}

// checkNumbers is a query that refuses texts where it takes them for numbers.
func checkNumbers(query string) string {
	a := &arithmetic{tokens: tokenise(query), pair: make(map[int]int)}
	a.match()
	for i, t := range a.tokens {
		switch {
		case t.is("+", "-", "*", "/", "%", "<<", ">>", "&", "|") && i > 0 && a.tokens[i-1].ends():
			a.add(a.before(i))
			a.add(a.after(i + 1))
		case t.is("<", ">", "<=", ">="):
			a.compared(i)
		case t.is("BETWEEN") && a.number(i+1):
			a.add(a.before(i - a.negated(i)))
		case t.is("sum", "total", "avg", "abs", "round"):
			a.called(i)
		case t.is("CAST"):
			a.cast(i)
		}
	}
	a.conditions()
	return a.wrapped(query)
}

// match finds what belongs to each bracket and CASE.
func (a *arithmetic) match() {
	var open []int
	for i, t := range a.tokens {
		switch {
		case t.is("(", "CASE"):
			open = append(open, i)
		case t.is(")", "END") && len(open) > 0:
			from := open[len(open)-1]
			open = open[:len(open)-1]
			a.pair[i], a.pair[from] = from, i
		}
	}
}

func (a *arithmetic) at(i int) sqlToken {
	if i < 0 || i >= len(a.tokens) {
		return sqlToken{}
	}
	return a.tokens[i]
}

func (a *arithmetic) add(s span) {
	if s.from < s.to && a.at(s.from).kind != 't' && !(s.to == s.from+1 && a.at(s.from).kind == '0') && !slices.Contains(a.spans, s) {
		a.spans = append(a.spans, s)
	}
}

// before is the operand that ends in front of a token; an empty span where it is none
// that can stand in brackets of its own.
func (a *arithmetic) before(i int) span {
	from := i - 1
	if a.at(from).is(")", "END") {
		open, known := a.pair[from]
		switch {
		case !known, a.at(open-1).is("OVER", "FILTER", "IN", "EXISTS"):
			return span{}
		case a.at(from).is(")") && a.at(open-1).kind == 'w' && !a.at(open-1).keyword():
			open-- // the name of a function
		}
		return span{open, i}
	}
	if t := a.at(from); t.kind == 'o' || t.keyword() || a.at(from-1).is("OVER", "COLLATE") {
		return span{}
	}
	for a.at(from-1).is(".") && from > 1 {
		from -= 2
	}
	return span{from, i}
}

// after is the operand that begins with a token, without its sign.
func (a *arithmetic) after(i int) span {
	for a.at(i).is("+", "-", "~") {
		i++
	}
	t, to := a.at(i), i+1
	switch {
	case t.is("(", "CASE"):
		if to = a.pair[i] + 1; to == 1 {
			return span{}
		}
	case t.kind == 0, t.kind == 'o', t.keyword():
		return span{}
	default:
		for a.at(to).is(".") {
			to += 2
		}
		if a.at(to).is("(") {
			if to = a.pair[to] + 1; to == 1 || a.at(to).is("OVER", "FILTER") {
				return span{}
			}
		}
	}
	return span{i, to}
}

// number reports whether a number as such stands at a token, with or without a sign.
func (a *arithmetic) number(i int) bool {
	if a.at(i).is("+", "-") {
		i++
	}
	return a.at(i).kind == '0'
}

func (a *arithmetic) negated(i int) int {
	if a.at(i - 1).is("NOT") {
		return 1
	}
	return 0
}

// compared is an operand that is compared with a number as such. Another text than a
// number would be more than any number.
func (a *arithmetic) compared(i int) {
	if a.number(i + 1) {
		if s := a.before(i); !a.at(s.from-1).is("||", "->", "->>") {
			a.add(s)
		}
	}
	if a.at(i-1).kind == '0' {
		if s := a.after(i + 1); !a.at(s.to).is("||", "->", "->>") {
			a.add(s)
		}
	}
}

// called is the first argument of a function of numbers.
func (a *arithmetic) called(i int) {
	end, known := a.pair[i+1]
	if !known || !a.at(i+1).is("(") || a.at(i-1).is(".") {
		return
	}
	from := i + 2
	if a.at(from).is("DISTINCT", "ALL") {
		from++
	}
	a.add(span{from, a.until(from, end, ",", "ORDER")})
}

// cast is what is made a number of.
func (a *arithmetic) cast(i int) {
	end, known := a.pair[i+1]
	as := a.until(i+2, end, "AS")
	if !known || as == end {
		return
	}
	var declared []string
	for _, t := range a.tokens[as+1 : end] {
		declared = append(declared, t.text)
	}
	if _, affinity := liteKind(strings.Join(declared, " ")); affinity != "TEXT" && affinity != "BLOB" {
		a.add(span{i + 2, as})
	}
}

// until is the first of the words outside of brackets, or the end.
func (a *arithmetic) until(from, end int, words ...string) int {
	for i := from; i < end; i++ {
		if a.at(i).is("(", "CASE") {
			if i = a.pair[i]; i == 0 {
				return end
			}
			continue
		}
		if a.at(i).is(words...) {
			return i
		}
	}
	return end
}

// conditions are columns that are a condition by themselves: any text but a number
// that is not 0 is false.
func (a *arithmetic) conditions() {
	limits := 0 // of BETWEEN, which an AND parts
	for i, t := range a.tokens {
		switch {
		case t.is("BETWEEN"):
			limits++
		case t.is("AND") && limits > 0:
			limits--
		case t.is("WHERE", "AND", "OR", "NOT", "HAVING"):
			s := a.after(i + 1)
			if t := a.at(i + 1); t.kind != 'w' && t.kind != 'n' || a.at(s.to-1).is(")", "END") {
				continue
			}
			if t := a.at(s.to); t.kind == 0 || t.is("AND", "OR", ")", ";", "GROUP", "ORDER", "LIMIT", "HAVING", "WINDOW", "UNION", "EXCEPT", "INTERSECT", "THEN") {
				a.add(s)
			}
		}
	}
}

// wrapped puts the function around each span.
func (a *arithmetic) wrapped(query string) string {
	opens, closes := make(map[int]string), make(map[int]string)
	// What begins later is within what begins earlier, and ends first.
	slices.SortStableFunc(a.spans, func(x, y span) int {
		if x.from != y.from {
			return y.from - x.from
		}
		return x.to - y.to
	})
	for _, s := range a.spans {
		from, to := a.tokens[s.from].start, a.tokens[s.to-1].end
		opens[from] += numberFunction + "("
		closes[to] += ", " + quoted(query[from:to], "'") + ")"
	}
	var b strings.Builder
	for i := range len(query) + 1 {
		b.WriteString(closes[i])
		b.WriteString(opens[i])
		if i < len(query) {
			b.WriteByte(query[i])
		}
	}
	return b.String()
}

// checked is the query as it is carried out, with columns of the names that it has as
// it is written: it refuses texts where it takes them for numbers. "" is a query that
// can't be taken apart.
func (joining) checked(ctx context.Context, conn *sql.Conn, t *table) (string, error) {
	query := checkNumbers(strings.TrimRight(strings.TrimSpace(t.query), "; \t\r\n"))
	names := make([]string, 0, len(t.columns))
	for _, c := range t.columns {
		names = append(names, lite{}.quote(c.name))
	}
	query = "WITH q(" + strings.Join(names, ", ") + ") AS (" + query + "\n) SELECT * FROM q"
	rows, err := conn.QueryContext(ctx, query+" LIMIT 0")
	if err != nil {
		return "", ctx.Err()
	}
	defer rows.Close()
	return query, rows.Err()
}

// sumsTexts says of a text that is no number what a query would have made of it.
func (j *Joined) sumsTexts(ctx context.Context, err error) error {
	what, text, ok := noNumber(err.Error())
	if !ok {
		return err
	}
	return &Error{Where: j.where(), Err: err, Msg: fmt.Sprintf("takes %s for a number, and it is “%s”%s, which SQLite would count as %s. Correct it in the file, make a number of it in the query (such as replace(%s, ',', '.')), or leave it out (WHERE)",
		what, clip(text), j.find(ctx, what, text), takenFor(text), what)}
}

// find says where a text stands in a column that an expression names.
func (j *Joined) find(ctx context.Context, what, text string) string {
	name := what[strings.LastIndex(what, ".")+1:]
	for i, f := range j.opts.Files {
		for _, c := range j.schemas[i].Columns {
			if !strings.EqualFold(c.Name, name) && !strings.EqualFold(lite{}.quote(c.Name), name) {
				continue
			}
			for row, err := range f.Source.Rows(ctx, time.Time{}) {
				if err == nil && row.Fields[c.Name].String() == text && row.Line > 0 {
					return fmt.Sprintf(" in line %d of %s", row.Line, f.Title)
				}
			}
		}
	}
	return ""
}

func clip(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return text
}

// decode implements dialect: what a query has worked out of texts has the fifteen
// digits that spreadsheets show. 0.1+0.2 is 0.3.
func (d joining) decode(c *column, read any) record.Value {
	if f, ok := read.(float64); ok {
		if short, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64); err == nil {
			read = short
		}
	}
	return d.lite.decode(c, read)
}
