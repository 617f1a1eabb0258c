package definition

import (
	"fmt"
	"slices"
	"strings"

	"syncline/sync/record"
	"syncline/sync/transform"
)

// Whole is a document in which most of the grammar stands, as an example.
const Whole = `syncline: 1                       # format version
id: k7q2m9xw4r                    # written by the first run
name: Billing customers to contacts
source:
  kind: csv
  path: customers.csv             # relative to this document
  key: [customer_id]              # the columns that identify a row
  modified: updated_at
  zone: Europe/Berlin
hubspot:
  portal: Acme production         # the name of the connection
  object: contacts
  match:                          # how an unlinked row finds its record; tried in order
    - { field: Email, property: email }
    - { field: Legacy id, property: legacy_customer_id }
  filter:                         # only records that match take part
    - - { property: lifecyclestage, operator: NEQ, value: subscriber }
direction: two-way
create: hubspot
delete:
  row-gone: flag
  flag-record: { property: customer_status, value: Gone }
fields:
  - { field: Email, property: email }
  - field: Phone
    property: phone
    to-hubspot: [trim, { phone: { region: DE } }]
    compare: phone
  - field: Status
    property: lifecyclestage
    direction: to-hubspot         # overrides the sync's direction
    values: { Active: customer, Trial: opportunity }
    unmapped: reject
  - { field: Plan, property: plan_name, blank: clear }
  - { property: lead_source, constant: Billing import }
associations:
  - to: companies
    match: { field: Company domain, property: domain }
    label: Primary
    create-missing: true
guards:                           # a plan beyond one of these stops
  creates: 1000
  updates: 50%
`

// Reference is the reference of a definition, as Markdown: what the grammar knows
// of each key, and what transforms and comparisons say of themselves.
func Reference() string {
	var b strings.Builder
	b.WriteString("# The definition of a sync\n\nMade by `make reference` of the grammar that reads definitions. " +
		"A sync is one YAML document. It holds no secret. A key that is not listed here is an error that names its line, and so is a value that is not possible where it stands. " +
		"A key in **bold** must be there.\n\n```yaml\n" + Whole + "```\n")
	for _, p := range parts {
		p.reference(&b)
		switch p {
		case filePart: // after what a source has
			kindsReference(&b)
		case filterPart:
			operatorsReference(&b)
		}
	}
	transformsReference(&b)
	comparisonsReference(&b)
	return b.String()
}

func (p *part) reference(b *strings.Builder) {
	title := strings.ReplaceAll(p.name, "[]", "")
	if title == "" {
		title = "The document"
	}
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n| key | value | without it | |\n|---|---|---|---|\n", title, p.says)
	for _, k := range p.keys {
		name := code(k.name)
		if k.needed {
			name = "**" + name + "**"
		}
		without := k.without
		if slices.Contains(k.words, without) {
			without = code(without)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s For example %s |\n", name, k.value(), without, k.says, code(k.name+": "+k.example))
	}
}

// value says how the key's value is written.
func (k key) value() string {
	switch {
	case k.kind != aWord:
		return string(k.kind)
	case k.name == "encoding": // too many for a line of a table
		return "the name of an encoding: " + codes(k.words[:3]) + " … " + code(k.words[len(k.words)-1]) + " ([all of them](files.md))"
	}
	return codes(k.words)
}

// kindsReference tells which keys go with which kind of source.
func kindsReference(b *strings.Builder) {
	b.WriteString("\n## Kinds of source\n\nThe other keys of a source go with every kind. Of `table` and `query` a database needs one; files need a `query`.\n\n| kind | is | needs | may have |\n|---|---|---|---|\n")
	for _, k := range sourceKinds {
		fmt.Fprintf(b, "| `%s` | %s | `%s` | %s |\n", k.name, k.says, k.needs, codes(k.may))
	}
}

// operatorsReference tells which keys go with which operator.
func operatorsReference(b *strings.Builder) {
	b.WriteString("\n### Operators\n\n| operator | needs |\n|---|---|\n")
	for _, o := range operators {
		fmt.Fprintf(b, "| `%s` | %s |\n", o.name, codes(operandsOf(o.with)))
	}
}

func transformsReference(b *strings.Builder) {
	b.WriteString("\n## Transforms\n\nSteps that change a value on its way, in their order: a name alone (`trim`), a name with its one argument (`prefix: +49`), or a name with several (`phone: { region: DE, form: e164 }`). " +
		"An argument in **bold** must be there.\n\n| transform | | arguments | for example |\n|---|---|---|---|\n")
	for _, t := range transform.Names() {
		var args []string
		for _, a := range t.Args {
			args = append(args, argument(a))
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s: “%s” becomes “%s” |\n", t.Name, cell(t.Description), strings.Join(args, "; "), code(stepYAML(t.Example)), cell(t.Input), cell(t.Output))
	}
}

// argument says what an argument of a transform is.
func argument(a transform.Arg) string {
	name := code(a.Name)
	if a.Required {
		name = "**" + name + "**"
	}
	text := name + ": " + cell(a.Description)
	if len(a.Choices) > 0 {
		text += " (" + codes(a.Choices) + ")"
	}
	if a.Default != "" {
		text += ", without it " + code(a.Default)
	}
	return text
}

func comparisonsReference(b *strings.Builder) {
	b.WriteString("\n## Comparisons\n\nWhen two values are the same. Without `compare` the property's type decides, and of texts what the name says that they hold.\n\n| comparison | |\n|---|---|\n")
	for _, c := range record.Comparisons() {
		fmt.Fprintf(b, "| `%s` | %s |\n", c, c.Says())
	}
}

func codes(all []string) string {
	quoted := make([]string, len(all))
	for i, text := range all {
		quoted[i] = code(text)
	}
	return strings.Join(quoted, ", ")
}

// code is a text as code in a cell of a table.
func code(text string) string {
	if text == "" {
		return "nothing"
	}
	if strings.Contains(text, "`") {
		return "`` " + cell(text) + " ``"
	}
	return "`" + cell(text) + "`"
}

// cell is a text in which nothing ends the cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", "⏎").Replace(text)
}
