package mapping

import (
	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// Matcher gives the canonical values by which a run would match rows and
// records. It is what pulls use, so that what a person is shown before a
// definition is complete is what the plan will do. It is safe for concurrent
// use.
type Matcher struct{ m *FieldMap }

// NewMatcher makes a matcher for the match keys and fields of a definition,
// which need not be complete otherwise.
func NewMatcher(d *definition.Definition, object Object, properties []record.Property) (*Matcher, error) {
	m, err := New(d, object, properties, transform.Env{})
	if err != nil {
		return nil, err
	}
	return &Matcher{m}, nil
}

// Properties are what must be read of a record to match and to name it.
func (m *Matcher) Properties() []string { return m.m.Properties }

// Row returns the value of each match key of a row, "" for none.
func (m *Matcher) Row(cells record.Values) []string {
	values, _ := m.m.RowValues(cells)
	return m.m.RowMatch(cells, values)
}

// Record returns the values of each match key of a record; an e-mail may have
// several. The property's own value comes first.
func (m *Matcher) Record(properties record.Values) [][]string { return m.m.RecordMatch(properties) }

// Name is what people call the record with these properties, "" for none.
func (m *Matcher) Name(properties record.Values) string { return m.m.Name(properties) }
