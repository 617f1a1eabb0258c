package definition

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"syncline/sync/redact"
)

// sourceKind is a kind of source with the keys that it must have and may have
// beside those that every kind may have.
type sourceKind struct {
	name  string
	says  string
	needs string   // the key that says where it is
	why   string   // what that is, where it is missing
	may   []string // table or query must be there where they may be
}

var sourceKinds = []sourceKind{
	{"csv", "a CSV file", "path", "the file to read, relative to this document", []string{"encoding", "header-row", "blanks"}},
	{"excel", "an Excel workbook", "path", "the workbook to read, relative to this document", []string{"sheet", "header-row", "blanks"}},
	{"ods", "a sheet of an OpenDocument spreadsheet, as LibreOffice writes it; it can be read only", "path", "the spreadsheet to read, relative to this document", []string{"sheet", "header-row", "blanks"}},
	{"json", "a JSON file: an array of objects, or an object a line; it can be read only", "path", "the file to read, relative to this document", []string{"blanks"}},
	{"parquet", "a Parquet file; it can be read only", "path", "the file to read, relative to this document", []string{"blanks"}},
	{"files", "several files, joined by a query; it can be read only", "files", "name the files that the query joins, such as orders: orders.csv", []string{"query", "blanks"}},
	{"sqlite", "a table of an SQLite file", "path", "the database file, relative to this document", []string{"table", "query"}},
	{"postgres", "a table of PostgreSQL", "dsn", "the address of the database, such as postgres://app@db/crm (without the password)", []string{"table", "query"}},
	{"mysql", "a table of MySQL or MariaDB", "dsn", "the address of the database, such as mysql://app@db:3306/crm (without the password)", []string{"table", "query"}},
	{"form-submissions", "what visitors sent with a form of HubSpot, the newest first; it can be read only. Its columns are the names of the form's fields, and `conversionId`, `submittedAt` and `pageUrl`", "form", "the name of the form", []string{"portal"}},
	{"hubspot", "an object of another portal", "portal", "the name of the connection to the other portal", []string{"object"}},
}

func kindNames() []string {
	all := make([]string, len(sourceKinds))
	for i, k := range sourceKinds {
		all[i] = k.name
	}
	return all
}

// peculiar are the keys that have a meaning for some kinds of source only.
func peculiar() (all []string) {
	for _, name := range sourcePart.names() {
		if slices.ContainsFunc(sourceKinds, func(k sourceKind) bool { return k.takes(name) }) {
			all = append(all, name)
		}
	}
	return all
}

func (k sourceKind) takes(name string) bool { return k.needs == name || slices.Contains(k.may, name) }

func (r *reader) source(doc section) Source {
	if doc.missing("source") {
		doc.problem("source", "is missing: say where the rows are, with kind, path and key.")
	}
	s, ok := doc.child("source", sourcePart)
	if !ok {
		return Source{}
	}
	if s.missing("kind") {
		s.problem("kind", "is missing: write one of %s.", strings.Join(kindNames(), ", "))
	}
	src := Source{
		Kind: s.word("kind"), Path: s.text("path"), Sheet: s.text("sheet"),
		Table: s.text("table"), Query: s.text("query"), DSN: s.text("dsn"), Portal: s.text("portal"), Object: s.text("object"), Form: s.text("form"),
		Modified: s.text("modified"), Zone: s.zone("zone"),
	}
	s.form(&src)
	src.Files = s.files()
	src.Key = s.texts("key")
	switch {
	case !s.missing("key"):
	case src.Kind == "hubspot":
		src.Key = []string{"hs_object_id"}
	case src.Kind == "form-submissions":
		src.Key = []string{"conversionId"}
	default:
		s.problem("key", "is missing: list the columns that identify a row, such as [customer_id].")
	}
	for i, k := range src.Key {
		if slices.Contains(src.Key[:i], k) {
			s.problem("key", "names the column %q twice.", k)
			break
		}
	}
	if src.Kind != "" {
		r.sourceKind(s, src)
	}
	s.noToken("portal", src.Portal)
	if hasPassword(src.DSN) {
		s.problem("dsn", "holds a password. Take it out: Syncline asks for it once and keeps it in the keychain.")
	}
	if u, err := url.Parse(src.Path); err == nil && u.User != nil {
		s.problem("path", "is a web address with a sign-in in it, not a file. Take it out: a definition holds no secret.")
	}
	return src
}

// sourceKind checks that the keys fit the kind of source.
func (r *reader) sourceKind(s section, src Source) {
	k := sourceKinds[slices.Index(kindNames(), src.Kind)]
	for _, name := range peculiar() {
		if s.has(name) && !k.takes(name) {
			s.problem(name, "has no meaning for a source of kind %s. Take the line out.", src.Kind)
		}
	}
	if s.missing(k.needs) {
		s.problem(k.needs, "is missing: %s.", k.why)
	}
	switch {
	case src.Kind == "files" && s.missing("query"):
		s.problem("query", "is missing: write the SELECT that joins the files. One file alone needs none: its kind is csv, excel, json or parquet.")
	case !k.takes("table"):
	case s.has("table") && s.has("query"):
		s.problem("query", "stands beside table. Keep one of the two; a query can only be read.")
	case s.missing("table") && s.missing("query"):
		s.problem("table", "is missing: name the table, or give a query, which can only be read.")
	}
}

var (
	mysqlPassword = regexp.MustCompile(`^[^@/]*:[^@/]+@`)
	wordPassword  = regexp.MustCompile(`(?i)(^|[\s?&;])(password|passwd|pwd|sslpassword)\s*=\s*[^\s&;]`)
)

// hasPassword reports whether a database address holds a password, in any of
// the forms that the drivers read.
func hasPassword(dsn string) bool {
	if u, err := url.Parse(dsn); err == nil && u.User != nil {
		if p, ok := u.User.Password(); ok && p != "" {
			return true
		}
	}
	_, rest, ok := strings.Cut(dsn, "://")
	if !ok {
		rest = dsn
	}
	return mysqlPassword.MatchString(rest) || wordPassword.MatchString(dsn)
}

func (r *reader) hubspot(doc section) HubSpot {
	if doc.missing("hubspot") {
		doc.problem("hubspot", "is missing: say which object of HubSpot takes part, with object and match.")
	}
	s, ok := doc.child("hubspot", hubspotPart)
	if !ok {
		return HubSpot{}
	}
	h := HubSpot{Portal: s.text("portal"), Object: s.required("object", "write the name of the object, such as contacts, or its type id, such as 0-1.")}
	s.noToken("portal", h.Portal)
	h.Make = r.make(s, h.Object)
	if s.missing("match") {
		s.problem("match", "is missing: say how a row finds its record, such as [{ field: Email, property: email }]; or write match: [] where none is there to be found, as of notes.")
	}
	for i, n := range s.mayBeEmpty("match") {
		h.Match = append(h.Match, r.matchKey(n, fmt.Sprintf("%s[%d]", s.sub("match"), i)))
	}
	for i, n := range s.items("filter", false) {
		h.Filter = append(h.Filter, r.filterGroup(n, fmt.Sprintf("%s[%d]", s.sub("filter"), i)))
	}
	r.filterLimits(s, h.Filter)
	h.FilterList = s.text("filter-list")
	return h
}

func (r *reader) matchKey(n ast.Node, path string) MatchKey {
	s := r.section(n, path, matchPart)
	return MatchKey{
		Field:    s.required("field", "name the column that the match looks at."),
		Property: s.required("property", "name the property that it must equal."),
	}
}

func (r *reader) filterGroup(n ast.Node, path string) FilterGroup {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.problem(n.GetToken(), path, "must be a list of filters (a group), not %s. Write a second dash: - - { property: …, operator: …, value: … }.", kind(n))
		return nil
	}
	var g FilterGroup
	for i, f := range list.Values {
		key := fmt.Sprintf("%s[%d]", path, i)
		r.note(key, f.GetToken())
		g = append(g, r.filter(f, key))
	}
	return g
}

// What a filter's operator compares with.
const (
	withValue  = "value"
	withRange  = "range"
	withValues = "values"
	alone      = ""
)

var operators = []struct{ name, with string }{
	{"EQ", withValue}, {"NEQ", withValue}, {"LT", withValue}, {"LTE", withValue}, {"GT", withValue}, {"GTE", withValue},
	{"BETWEEN", withRange}, {"IN", withValues}, {"NOT_IN", withValues}, {"HAS_PROPERTY", alone}, {"NOT_HAS_PROPERTY", alone},
	{"CONTAINS_TOKEN", withValue}, {"NOT_CONTAINS_TOKEN", withValue},
}

func operatorNames() []string {
	all := make([]string, len(operators))
	for i, o := range operators {
		all[i] = o.name
	}
	return all
}

func (r *reader) filter(n ast.Node, path string) Filter {
	s := r.section(n, path, filterPart)
	if s.broken {
		return Filter{}
	}
	f := Filter{Property: s.required("property", "name the property to look at."), Operator: s.word("operator")}
	if s.missing("operator") {
		s.problem("operator", "is missing: write one of %s.", strings.Join(operatorNames(), ", "))
	}
	f.Value, f.HighValue, f.Values = s.text("value"), s.text("high-value"), s.texts("values")
	for _, o := range operators {
		if o.name == f.Operator {
			s.operands(o.name, o.with)
		}
	}
	return f
}

// operandsOf are the keys that an operator's filter has beside its property.
func operandsOf(with string) []string {
	switch with {
	case withRange:
		return []string{"value", "high-value"}
	case alone:
		return nil
	}
	return []string{with}
}

// operands checks that a filter has what its operator compares with, and
// nothing else.
func (s section) operands(operator, with string) {
	for _, name := range []string{"value", "high-value", "values"} {
		want := slices.Contains(operandsOf(with), name)
		switch {
		case want && s.missing(name):
			s.problem(name, "is missing: %s needs it.", operator)
		case !want && s.has(name):
			s.problem(name, "has no meaning for %s. Take it out.", operator)
		}
	}
}

// HubSpot's limits on a search, and how many conditions of each group a sync adds itself: in which
// window records changed, and behind which id a walk goes on.
const (
	maxGroups       = 5
	maxGroupFilters = 6
	maxFilters      = 18
	ownFilters      = 2
)

func (r *reader) filterLimits(s section, groups []FilterGroup) {
	total := 0
	for i, g := range groups {
		total += len(g) + ownFilters
		if len(g) > maxGroupFilters-ownFilters {
			r.problems = append(r.problems, Problem{Line: r.lines[fmt.Sprintf("hubspot.filter[%d]", i)], Key: fmt.Sprintf("hubspot.filter[%d]", i),
				Msg: fmt.Sprintf("has %d filters; HubSpot allows %d in a group, of which a sync needs %d itself.", len(g), maxGroupFilters, ownFilters)})
		}
	}
	if len(groups) > maxGroups {
		s.problem("filter", "has %d groups; HubSpot allows %d.", len(groups), maxGroups)
	}
	if total > maxFilters {
		s.problem("filter", "has %d filters in all; HubSpot allows %d, of which a sync needs %d in each group itself.", total-ownFilters*len(groups), maxFilters, ownFilters)
	}
}

func (r *reader) deletes(doc section) Delete {
	d := Delete{RowGone: "ignore", RecordGone: "ignore"}
	s, ok := doc.child("delete", deletePart)
	if !ok {
		return d
	}
	d.RowGone = s.word("row-gone")
	d.RecordGone = s.word("record-gone")
	if f, ok := s.child("flag-record", flagRecordPart); ok {
		d.FlagRecord = &FlagRecord{
			Property: f.required("property", "name the property that marks a record whose row is gone."),
			Value:    f.required("value", "write the value that it is set to."),
		}
	}
	if f, ok := s.child("flag-row", flagRowPart); ok {
		d.FlagRow = &FlagRow{
			Field: f.required("field", "name the column that marks a row whose record is gone."),
			Value: f.required("value", "write the value that it is set to."),
		}
	}
	if d.RowGone == "flag" && s.missing("flag-record") {
		s.problem("row-gone", "flag needs to know what to write: add flag-record: { property: …, value: … } beside it, or write row-gone: ignore.")
	}
	if d.RecordGone == "flag" && s.missing("flag-row") {
		s.problem("record-gone", "flag needs to know what to write: add flag-row: { field: …, value: … } beside it, or write record-gone: ignore.")
	}
	return d
}

func (r *reader) guards(doc section) Guards {
	s, ok := doc.child("guards", guardsPart)
	if !ok {
		return Guards{}
	}
	limit := func(name string) *Limit {
		text := s.text(name)
		if text == "" {
			return nil
		}
		l, err := ParseLimit(text)
		if err != nil {
			s.problem(name, "%q %v.", text, err)
			return nil
		}
		return &l
	}
	return Guards{Creates: limit("creates"), Updates: limit("updates"), Clears: limit("clears"), Archives: limit("archives")}
}

// readOnlySource reports what asks for writes to a source that can only be
// read.
func (r *reader) readOnlySource(doc section, d *Definition) {
	if d.Source.Query == "" {
		return
	}
	if d.Create.InSource() {
		doc.problem("create", "%s makes rows in the source, but a query can only be read. Name the table instead of the query, or write create: hubspot or none.", d.Create)
	}
	if d.Delete.RecordGone != "ignore" {
		doc.problem("delete", "record-gone: %s changes the source, but a query can only be read. Name the table instead of the query, or write record-gone: ignore.", d.Delete.RecordGone)
	}
	for i, f := range d.Fields {
		if f.Flows(FromHubSpot) {
			key := fmt.Sprintf("fields[%d]", i)
			r.problems = append(r.problems, Problem{Line: r.lines[key], Key: key,
				Msg: fmt.Sprintf("%q flows to the source, but a query can only be read. Name the table instead of the query, or give the field direction: to-hubspot.", f.Field)})
		}
	}
}

// noToken reports a secret in the place of a connection's name.
func (s section) noToken(name, value string) {
	if redact.Secrets(value) != value {
		s.problem(name, "holds an access token. Take it out: write the name of the connection, whose token is in the keychain.")
	}
}
