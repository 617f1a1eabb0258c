package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"syncline/sync/record"
	"syncline/sync/transform"
)

// kind is what a property holds beyond its type.
type kind uint8

const (
	kindByType kind = iota
	kindEmail       // a contact's address, which HubSpot checks and keeps unique
	kindDomain      // a company's domain
	kindOwner
	kindPipeline
	kindStage
)

// kindOf tells by object and property; the object may be unknown.
func kindOf(object Object, p record.Property) kind {
	switch {
	case p.Name == "":
	case p.Name == object.Email:
		return kindEmail
	case p.Name == object.Domain:
		return kindDomain
	case strings.EqualFold(p.Reference, "OWNER"):
		return kindOwner
	case object.Lifecycle != "": // such types have no pipelines
		return kindByType
	case p.Name == "pipeline" || p.Name == "hs_pipeline":
		return kindPipeline
	case p.Name == "dealstage" || p.Name == "hs_pipeline_stage":
		return kindStage
	}
	return kindByType
}

// OfPipelines tells the properties of an object that hold a pipeline or a stage.
func OfPipelines(object Object) func(record.Property) bool {
	return func(p record.Property) bool {
		k := kindOf(object, p)
		return k == kindPipeline || k == kindStage
	}
}

// kindIn is the kind as far as the run knows its values: owners and stages that
// could not be read are HubSpot's to judge.
func (f *Field) kindIn(env transform.Env) kind {
	switch {
	case f.kind == kindOwner && len(env.Owners) == 0, (f.kind == kindPipeline || f.kind == kindStage) && len(env.Stages) == 0:
		return kindByType
	}
	return f.kind
}

// findOption finds an option by its value, else by its label; n is how many
// there are of the first kind that has any.
func findOption(options []record.Option, text string) (value string, n int) {
	for _, is := range []func(record.Option) bool{
		func(o record.Option) bool { return o.Value == text },
		func(o record.Option) bool { return record.Trimmed(o.Label) == text },
		func(o record.Option) bool { return sameBut(o.Label, text) },
	} {
		if value, n = countOptions(options, is); n > 0 {
			return value, n
		}
	}
	return "", 0
}

// sameBut reports whether a label is a text but for the kind and number of the
// spaces in it.
func sameBut(label, text string) bool {
	inner := strings.ContainsFunc(label, unicode.IsSpace) && strings.ContainsFunc(text, unicode.IsSpace)
	return inner && slices.Equal(strings.Fields(label), strings.Fields(text))
}

// twoOptions reports a text that is the value of an option and the label of
// another one, which are two meanings.
func twoOptions(options []record.Option, text string) bool {
	value, byValue := countOptions(options, func(o record.Option) bool { return o.Value == text })
	_, byLabel := countOptions(options, func(o record.Option) bool { return o.Value != value && record.Trimmed(o.Label) == text })
	return byValue > 0 && byLabel > 0
}

// inAnotherCase finds an option whose value or label differs in case alone. It is
// advice, not a form: options may differ in nothing but their case.
func inAnotherCase(options []record.Option, text string) (value string, n int) {
	return countOptions(options, func(o record.Option) bool {
		return strings.EqualFold(o.Value, text) || strings.EqualFold(record.Trimmed(o.Label), text)
	})
}

// alike is what of an option differs from a text in case alone: its value, or its label.
func alike(options []record.Option, value, text string) string {
	for _, o := range options {
		if label := record.Trimmed(o.Label); o.Value == value && !strings.EqualFold(value, text) && strings.EqualFold(label, text) {
			return label
		}
	}
	return value
}

func countOptions(options []record.Option, is func(record.Option) bool) (value string, n int) {
	for _, o := range options {
		if is(o) {
			if n == 0 || o.Value != value {
				n++
			}
			value = o.Value
		}
	}
	return value, n
}

// option takes one of the options by its value, as HubSpot wants it, or by its
// label, as HubSpot shows it.
func (f *Field) option(bare string, env transform.Env) (string, error) {
	value, n := findOption(f.Schema.Options, bare)
	switch {
	case n == 1:
		if twoOptions(f.Schema.Options, bare) && !f.meant(bare) {
			remark(env, transform.RemarkOption)
		}
		return value, nil
	case f.Schema.External:
		return bare, nil
	case n > 1:
		return "", fmt.Errorf("%d options of %s are called %s: write the value of the one that is meant into the value map", n, f.Schema.Label, shortened(bare))
	}
	if like, n := inAnotherCase(f.Schema.Options, bare); n == 1 {
		return "", fmt.Errorf("%s is not one of the options of %s, of which %s differs in case alone: add it to the value map", shortened(bare), f.Schema.Label, strconv.Quote(alike(f.Schema.Options, like, bare)))
	}
	return "", fmt.Errorf("%s is not one of the options of %s: add it to the value map%s", shortened(bare), f.Schema.Label, labelsOf(f.Schema.Options))
}

// several takes the options of a multi-select property, in the order in which
// they stand. HubSpot adds a list that begins with a semicolon to what is
// there, where it shall replace it.
func (f *Field) several(bare string, env transform.Env) (string, error) {
	var kept []string
	seen := map[string]bool{}
	for parts := strings.Split(bare, ";"); len(parts) > 0; {
		part, n := record.Trimmed(parts[0]), 1
		// A label may hold a semicolon itself; the longest one counts.
		for more := len(parts); more > 1; more-- {
			whole := record.Trimmed(strings.Join(parts[:more], ";"))
			if _, found := findOption(f.Schema.Options, whole); found > 0 && strings.Contains(whole, ";") {
				part, n = whole, more
				break
			}
		}
		if parts = parts[n:]; part == "" {
			continue
		}
		value, err := f.option(part, env)
		if err != nil {
			return "", f.otherMark(bare, err)
		}
		if !seen[value] {
			seen[value] = true
			kept = append(kept, value)
		}
	}
	return strings.Join(kept, ";"), nil
}

// otherMark says where another mark than the semicolon stands between options.
func (f *Field) otherMark(bare string, err error) error {
	for _, mark := range []string{",", "|", "/", "\n", "+"} {
		parts := strings.Split(bare, mark)
		for _, part := range parts {
			if _, n := findOption(f.Schema.Options, record.Trimmed(part)); n != 1 {
				parts = nil
				break
			}
		}
		if len(parts) > 1 {
			return fmt.Errorf("%s has %q between its options: add the transform split with by: %q", shortened(bare), mark, mark)
		}
	}
	return err
}

// labelsOf lists some options as the end of a sentence.
func labelsOf(options []record.Option) string {
	var shown []string
	hidden := 0
	for _, o := range options {
		switch {
		case o.Hidden:
		case len(shown) == 8:
			hidden++
		default:
			shown = append(shown, o.Label)
		}
	}
	switch {
	case len(shown) == 0:
		return ""
	case hidden > 0:
		return fmt.Sprintf(" (there is %s and %d more)", strings.Join(shown, ", "), hidden)
	}
	return fmt.Sprintf(" (there is %s)", strings.Join(shown, ", "))
}

// ownerID takes an owner's id, e-mail address or name. HubSpot assigns nothing
// to who was deactivated.
func (f *Field) ownerID(bare string, env transform.Env) (string, error) {
	o, err := transform.FindOwner(bare, env.Owners)
	switch {
	case err != nil:
		return "", err
	case o.Archived:
		return "", fmt.Errorf("%s is deactivated in HubSpot, and nothing can be assigned to a deactivated user: choose another owner", o.Named())
	}
	return o.ID, nil
}

// pipelineID takes a pipeline's id or label.
func (f *Field) pipelineID(bare string, env transform.Env) (string, error) {
	options := pipelinesOf(env.Stages)
	value, n := findOption(options, bare)
	if n == 0 {
		value, n = inAnotherCase(options, bare)
	}
	switch n {
	case 1:
		return value, nil
	case 0:
		return "", fmt.Errorf("the portal has no pipeline %s%s", shortened(bare), labelsOf(options))
	}
	return "", fmt.Errorf("%d pipelines are called %s: write the id of the one that is meant into the value map", n, shortened(bare))
}

func pipelinesOf(stages []transform.Stage) (options []record.Option) {
	seen := map[string]bool{}
	for _, s := range stages {
		if !seen[s.Pipeline] {
			seen[s.Pipeline] = true
			options = append(options, record.Option{Value: s.Pipeline, Label: s.PipelineLabel})
		}
	}
	return options
}

// stageID takes a stage's id or label, of the row's pipeline where it is known.
func (f *Field) stageID(bare string, env transform.Env) (string, error) {
	s, err := transform.FindStage(bare, env)
	return s.ID, err
}
