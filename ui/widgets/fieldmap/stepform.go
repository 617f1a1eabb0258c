package fieldmap

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/sync/transform"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// specOf describes a transform; ok is false for one that does not exist.
func specOf(name string) (transform.Spec, bool) {
	specs := transform.Names()
	if i := slices.IndexFunc(specs, func(s transform.Spec) bool { return s.Name == name }); i >= 0 {
		return specs[i], true
	}
	return transform.Spec{}, false
}

// newStep is a step with the arguments that it must have and that have a
// default. complete is false when a person has to fill something in.
func newStep(spec transform.Spec) (s transform.Step, complete bool) {
	s = transform.Step{Name: spec.Name}
	for _, a := range spec.Args {
		if a.Required && a.Default != "" {
			s.Args = withArg(s.Args, a, a.Default)
		}
	}
	return s, transform.Check(s) == nil
}

// withArg sets an argument from its text; an empty one is taken away, so that
// the default holds.
func withArg(args map[string]any, a transform.Arg, text string) map[string]any {
	out := maps.Clone(args)
	if out == nil {
		out = map[string]any{}
	}
	delete(out, a.Name)
	if a.Scalar {
		delete(out, "") // the short form of the same argument
	}
	if text == "" {
		if len(out) == 0 {
			return nil
		}
		return out
	}
	switch a.Kind {
	case transform.KindInteger:
		if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
			out[a.Name] = n
			return out
		}
	case transform.KindBoolean:
		out[a.Name] = text == "true"
		return out
	}
	out[a.Name] = text // a text that is no number is for the check to refuse
	return out
}

// argText is an argument as text, "" when it is not given.
func argText(s transform.Step, a transform.Arg) string {
	if v, ok := s.Args[a.Name]; ok {
		return fmt.Sprint(v)
	}
	if v, ok := s.Args[""]; ok && a.Scalar {
		return fmt.Sprint(v)
	}
	return ""
}

// stepForm edits the arguments of one step. What cannot work is said under it
// and not handed on.
type stepForm struct {
	step    transform.Step
	problem *widgets.Paragraph
	changed func(transform.Step)
	resized func()
}

// newStepForm makes the form of a step as a column of labelled fields.
func newStepForm(step transform.Step, changed func(transform.Step), resized func()) fyne.CanvasObject {
	f := &stepForm{step: step, changed: changed, resized: resized}
	f.problem = widgets.NewParagraph("", look.Caption, look.Failed.Text())
	var rows []fyne.CanvasObject
	spec, ok := specOf(step.Name)
	if !ok {
		return widgets.NewColumn(4, widgets.NewParagraph("This version does not know this step. Remove it, or edit the sync's definition.", look.Small, look.T2))
	}
	if spec.Description != "" {
		rows = append(rows, widgets.NewParagraph(explain(spec), look.Caption, look.T2))
	}
	for _, a := range spec.Args {
		rows = append(rows, f.field(a))
	}
	rows = append(rows, f.problem)
	f.check()
	return widgets.NewPaddedColumn(8, 8, 4, rows...)
}

// explain is what a transform does, with its example.
func explain(spec transform.Spec) string {
	s := upperFirst(strings.TrimSuffix(spec.Description, ".")) + "."
	if spec.Input != "" {
		s += fmt.Sprintf(" “%s” becomes “%s”.", spec.Input, spec.Output)
	}
	return s
}

func (f *stepForm) field(a transform.Arg) fyne.CanvasObject {
	label := a.Description
	if label == "" {
		label = a.Name
	}
	label = upperFirst(strings.TrimSuffix(label, "."))
	if a.Required {
		label += " (needed)"
	}
	now := argText(f.step, a)
	set := func(text string) {
		f.step.Args = withArg(f.step.Args, a, text)
		f.check()
	}
	if a.Kind == transform.KindBoolean {
		return widgets.NewSwitch(label, now == "true" || now == "" && a.Default == "true", func(on bool) { set(strconv.FormatBool(on)) })
	}
	return widgets.NewColumn(3, widgets.NewParagraph(label, look.Caption, look.T2), f.control(a, now, set))
}

// control is the entry or select of an argument.
func (f *stepForm) control(a transform.Arg, now string, set func(string)) fyne.CanvasObject {
	if a.Kind == transform.KindChoice && len(a.Choices) > 0 {
		choices := slices.Clone(a.Choices)
		if !slices.Contains(choices, "") && !a.Required {
			choices = slices.Insert(choices, 0, "")
		}
		words := make([]string, len(choices))
		for i, c := range choices {
			words[i] = choiceWords(a, c)
		}
		return widgets.NewSelect(words, slices.Index(choices, now), func(i int) { set(choices[i]) })
	}
	e := widgets.NewEntry(usual(a))
	switch {
	case a.Default != "":
	case a.Kind == transform.KindFormat:
		e.PlaceHolder = "DD.MM.YYYY"
	case a.Kind == transform.KindFormula:
		e.PlaceHolder = "upper(value)"
	case a.Kind == transform.KindRegion:
		e.PlaceHolder = "Country, such as DE"
	case a.Kind == transform.KindZone:
		e.PlaceHolder = "Europe/Berlin"
	}
	e.Text = now
	e.OnChanged = func(s string) {
		if a.Kind == transform.KindRegion {
			s = strings.ToUpper(strings.TrimSpace(s))
		}
		set(s)
	}
	return e
}

// choiceWords makes choices that are nothing or a single mark readable.
func choiceWords(a transform.Arg, choice string) string {
	switch choice {
	case "":
		if a.Default != "" {
			return usual(a)
		}
		return "None"
	case " ":
		return "A space"
	case ".":
		return ".  (full stop)"
	case ",":
		return ",  (comma)"
	case "'":
		return "'  (apostrophe)"
	}
	return choice
}

// usual is what holds when an argument is left empty.
func usual(a transform.Arg) string {
	if a.Default == "" {
		return ""
	}
	return "Usually " + a.Default
}

// check hands the step on when it can work, and says what is wrong when not.
func (f *stepForm) check() {
	err := transform.Check(f.step)
	text := ""
	if err != nil {
		text = upperFirst(err.Error())
	}
	if f.problem.Text != text {
		f.problem.SetText(text)
		f.resized()
	}
	if err == nil {
		f.changed(f.step)
	}
}
