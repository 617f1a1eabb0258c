package definition

import "strings"

// What the format describes and this program does not carry out yet is refused
// with its line, so that nothing that a person wrote is passed over in silence.
// A key is taken off these lists by the change that builds it.

// builtKinds are the kinds of source that can be opened.
var builtKinds = []string{"csv", "excel", "json", "parquet", "sqlite", "postgres", "mysql", "hubspot"}

// Unbuilt returns what the definition asks for and this program does not carry
// out yet, in the order of the lines. Such a sync must not run, not even in
// part. Whoever opens a sync for a person asks this first.
func Unbuilt(d *Definition) []Problem {
	c := &checker{d: d}
	c.unbuilt()
	return sorted(c.problems)
}

func (c *checker) unbuilt() {
	built := false
	for _, kind := range builtKinds {
		built = built || kind == c.d.Source.Kind
	}
	if !built && c.d.Source.Kind != "" {
		c.problem("source.kind", "sources of kind %s are not carried out yet; %s are. Export the rows to a file, and name that.", c.d.Source.Kind, strings.Join(builtKinds, ", "))
	}
}
