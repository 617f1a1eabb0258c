package practice

import (
	"fmt"
	"strconv"
	"strings"
)

// importRow writes what one row says: a record of each object type that its
// columns are about, and what joins them.
func (p *Portal) importRow(r *importRun, file, row int) {
	f := r.files[file]
	cells := f.rows[row]
	var made []*object
	for _, id := range f.types() {
		o := p.importRecord(r, file, row, p.kindBy[id], cells)
		if o == nil {
			continue
		}
		for i, x := range f.spec.Page.Columns {
			if x.Identifier && x.Type == id && cellOf(cells, i) != "" {
				if r.Keys == nil {
					r.Keys = make(map[string]uint64)
				}
				r.Keys[id+" "+cellOf(cells, i)] = o.id
			}
		}
		made = append(made, o)
	}
	for i, a := range made {
		for _, b := range made[i+1:] {
			p.joinRow(f, cells, a, b)
		}
	}
}

func cellOf(cells []string, i int) string {
	if i >= len(cells) {
		return ""
	}
	return strings.TrimSpace(cells[i])
}

// types are the object types of a file's columns, in their order.
func (f *importFile) types() []string {
	var all []string
	seen := map[string]bool{}
	for _, x := range f.spec.Page.Columns {
		if x.Kind != columnKeys && x.Kind != columnLabel && !seen[x.Type] {
			seen[x.Type] = true
			all = append(all, x.Type)
		}
	}
	return all
}

// joinRow associates two records of one row: plainly, and by the labels that a
// column names.
func (p *Portal) joinRow(f *importFile, cells []string, a, b *object) {
	types := []*associationType{p.assoc.unlabelled(a.kind, b.kind)}
	if types[0] == nil {
		return
	}
	for i, x := range f.spec.Page.Columns {
		if x.Kind != columnLabel {
			continue
		}
		from, to := a, b
		if x.Type != a.kind.id {
			from, to = b, a
		}
		if x.Type != from.kind.id || x.To != to.kind.id {
			continue
		}
		for label := range strings.SplitSeq(cellOf(cells, i), ";") {
			for _, t := range p.assoc.between(from.kind, to.kind) {
				if t.Label != nil && strings.EqualFold(*t.Label, strings.TrimSpace(label)) {
					if from == b {
						t = t.inverse
					}
					types = append(types, t)
				}
			}
		}
	}
	if p.join(a, b, types) {
		p.touchEnds(a, b)
	}
}

// joinImported associates records of several files by the columns that hold
// keys of the other's rows, when all rows are there.
func (p *Portal) joinImported(r *importRun) {
	for file, f := range r.files {
		for i, x := range f.spec.Page.Columns {
			if x.Kind != columnKeys {
				continue
			}
			for row, cells := range f.rows {
				key := cellOf(cells, i)
				from, to := p.importedOf(r, f, x.Type, cells), p.named(r, x.To, key)
				if key == "" || from == nil {
					continue
				}
				t := (*associationType)(nil)
				if to != nil {
					t = p.assoc.find(from.kind, to.kind, x.ForeignKey.Category, x.ForeignKey.ID)
				}
				if t == nil {
					p.importFails(r, file, row, i, "ASSOCIATION_RECORD_NOT_FOUND", key, from.kind, "no record of the import has the key "+key)
					continue
				}
				if p.join(from, to, []*associationType{t}) {
					p.touchEnds(from, to)
				}
			}
		}
	}
}

// named is the record of a row with a key.
func (p *Portal) named(r *importRun, id, key string) *object {
	return p.kindBy[id].objects[r.Keys[id+" "+key]]
}

// importedOf is the record that a row of a file made or changed.
func (p *Portal) importedOf(r *importRun, f *importFile, id string, cells []string) *object {
	for i, x := range f.spec.Page.Columns {
		if x.Identifier && x.Type == id {
			if o := p.named(r, id, cellOf(cells, i)); o != nil {
				return o
			}
		}
	}
	o, _ := p.importTarget(p.kindBy[id], f, cells)
	return o
}

// importTarget finds the record that a row is about: by its id, by an alternate
// id, and else a contact by its address and a company by its domain, which
// imports know as one (facts 10.1). many counts companies of the domain.
func (p *Portal) importTarget(k *kind, f *importFile, cells []string) (o *object, by string) {
	for i, x := range f.spec.Page.Columns {
		v := cellOf(cells, i)
		if x.Type != k.id || v == "" {
			continue
		}
		if x.Kind == columnRecordID {
			id, _ := parseID(v)
			if o := k.resolve(id); o != nil && o.live() {
				return o, columnRecordID
			}
			continue
		}
		if x.Kind != columnAlternate && !(k.name == "contacts" && x.Property == "email" || k.name == "companies" && x.Property == "domain") {
			continue
		}
		if k.name == "companies" && x.Property == "domain" {
			if o, ok := p.byDomain(k, v); ok {
				return o, x.Property
			}
			continue
		}
		if o := p.byUnique(k, x.Property, v, true); o != nil {
			return o, x.Property
		}
	}
	return nil, ""
}

// byDomain finds a company by its domain; nil and true where there are several.
func (p *Portal) byDomain(k *kind, domain string) (o *object, found bool) {
	name := p.names.intern("domain")
	want := hostOf(domain)
	for _, x := range k.order {
		if !x.live() || x.stored(name) != want {
			continue
		}
		if found {
			return nil, true
		}
		o, found = x, true
	}
	return o, found
}

// importRecord writes the record of one object type of a row, and returns it;
// nil where the row has none.
func (p *Portal) importRecord(r *importRun, file, row int, k *kind, cells []string) *object {
	f := r.files[file]
	in := &input{Properties: map[string]wireValue{}}
	columns := map[string]int{}
	for i, x := range f.spec.Page.Columns {
		if v := cellOf(cells, i); x.Type == k.id && v != "" && (x.Kind == columnStandard || x.Kind == columnAlternate) {
			in.Properties[x.Property], columns[x.Property] = wireValue{text: p.importValue(r, k, x.Property, cells[i])}, i
		}
	}
	target, by := p.importTarget(k, f, cells)
	op := r.request.Operations[k.id]
	if op == "" {
		op = importUpserts
	}
	if len(in.Properties) == 0 && target == nil {
		return nil
	}
	fails := func(column int, kind, value, why string) *object {
		p.importFails(r, file, row, column, kind, value, k, why)
		return nil
	}
	switch {
	case target == nil && by != "":
		return fails(columns["domain"], "MULTIPLE_COMPANIES_WITH_THIS_DOMAIN", in.Properties["domain"].text, "more than one company has this domain")
	case op == importCreates && target != nil && !p.opt.Switches.ImportChangesKnown:
		if p.opt.Switches.ImportSkipsKnown {
			return nil
		}
		return fails(columns[by], "DUPLICATE_ALTERNATE_ID", in.Properties[by].text, fmt.Sprintf("the record %d has this value already", target.id))
	case op == importUpdates && target == nil:
		return fails(-1, "OBJECT_NOT_FOUND", "", "no record to update was found")
	}
	return p.importWrite(r, file, row, k, in, target, columns)
}

// importValue is a cell as the API would be sent it: dates are in the order that the import names.
func (p *Portal) importValue(r *importRun, k *kind, property, cell string) string {
	d := k.props[property]
	if d == nil || d.Type != "date" || r.request.DateFormat == "YEAR_MONTH_DAY" {
		return cell
	}
	at := strings.FieldsFunc(strings.TrimSpace(cell), func(c rune) bool { return c == '/' || c == '.' || c == '-' })
	if len(at) != 3 || len(at[2]) != 4 {
		return cell
	}
	if r.request.DateFormat == "DAY_MONTH_YEAR" {
		at[0], at[1] = at[1], at[0]
	}
	month, err := strconv.Atoi(at[0])
	day, err2 := strconv.Atoi(at[1])
	if err != nil || err2 != nil {
		return cell
	}
	return fmt.Sprintf("%s-%02d-%02d", at[2], month, day)
}

// importErrors are what imports call the API's codes of invalid values.
var importErrors = map[string]string{"INVALID_EMAIL": "INVALID_EMAIL", "INVALID_OPTION": "INVALID_ENUMERATION_OPTION", "INVALID_DATE": "COULD_NOT_PARSE_DATE", "INVALID_LONG": "COULD_NOT_PARSE_DATE",
	"INVALID_INTEGER": "COULD_NOT_PARSE_NUMBER", "INVALID_OWNER_ID": "COULD_NOT_PARSE_OWNER"}

// importWrite validates and commits the record of a row.
func (p *Portal) importWrite(r *importRun, file, row int, k *kind, in *input, target *object, columns map[string]int) *object {
	c := &call{version: r.Version, token: &Token{AppID: r.App, UserID: r.User}}
	w, errs := p.validate(k, in, target, r.Version)
	for _, x := range errs {
		name := importErrors[x.Code]
		if name == "" {
			name = "INVALID_PROPERTY_VALUE"
		}
		column, known := columns[x.Name]
		if !known {
			column = -1
		}
		p.importFails(r, file, row, column, name, in.Properties[x.Name].text, k, x.Message)
		delete(in.Properties, x.Name)
	}
	if len(errs) > 0 {
		if !p.opt.Switches.ImportLeavesOut || len(in.Properties) == 0 {
			return nil
		}
		if w, errs = p.validate(k, in, target, r.Version); len(errs) > 0 {
			return nil
		}
	}
	if e := p.complete(k, w, c); e != nil {
		p.importFails(r, file, row, -1, "MISSING_REQUIRED_PROPERTY", "", k, e.Message)
		return nil
	}
	id := k.lastID + 1
	if target != nil {
		id = target.id
	}
	if e := p.admissible(k, w, id, c); e != nil {
		name := "DUPLICATE_UNIQUE_PROPERTY_VALUE"
		if e.Category != categoryConflict && !strings.Contains(e.Message, "already has that value") {
			name = "INVALID_PROPERTY_VALUE"
		}
		p.importFails(r, file, row, -1, name, "", k, e.Message)
		return nil
	}
	by := source{Type: "IMPORT", ID: itoa(r.ID), UserID: r.User}
	if p.opt.Switches.ImportSaysIntegration {
		by = source{Type: "INTEGRATION", ID: itoa(r.App), UserID: r.User}
	}
	if target == nil {
		r.Made++
	} else {
		r.Changed++
	}
	r.Values += len(w.set)
	return p.commit(k, w, p.sourceID(by), true)
}

// importFails keeps an error of a row. Lines are counted from the file's first,
// the header, unless the switch says from the first row; column -1 is none.
func (p *Portal) importFails(r *importRun, file, row, column int, kind, value string, k *kind, why string) {
	f := r.files[file]
	line := row + 1
	if f.header != nil && !p.opt.Switches.ImportLinesOfRows {
		line++
	}
	r.Errors = append(r.Errors, importError{ID: itoa(r.ID*1_000_000 + int64(len(r.Errors)) + 1), At: instant(p.millis()), Type: kind, Message: why, Invalid: value, Object: k.enum, ObjectID: k.id,
		Column: column + 1, Source: importSource{File: r.FileIDs[file], Line: line, Row: f.rows[row]}})
}
