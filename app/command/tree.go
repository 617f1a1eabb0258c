package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra" // help, completion for four shells and man pages from one table: Apache-2.0, what gh and kubectl use
	"github.com/spf13/pflag"

	"syncline/app"
	"syncline/sync/redact"
)

// tree is the commands as cobra has them, for one command line.
type tree struct {
	ctx  context.Context
	root *cobra.Command
	kind app.Kind // how the command ended
	name string   // of the command that was found
}

// Names returns the commands in order.
func Names() []string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	slices.Sort(names)
	return names
}

// Is reports whether a word is a command, a group of them, or a topic of help.
func Is(word string) bool {
	return slices.ContainsFunc(newTree(context.Background(), IO{}, nil).root.Commands(), func(c *cobra.Command) bool { return c.Name() == word })
}

func newTree(ctx context.Context, std IO, args []string) *tree {
	t := &tree{ctx: ctx}
	t.root = &cobra.Command{
		Use: "syncline", Long: about, Version: app.Version,
		SilenceErrors: true, SilenceUsage: true, DisableAutoGenTag: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error { return t.unknown(args) },
	}
	t.root.SetVersionTemplate("syncline {{.Version}}\n")
	t.root.SetArgs(args)
	t.root.SetIn(std.In)
	t.root.SetOut(std.Out)
	t.root.SetErr(std.Err)
	t.root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		t.name = nameOf(cmd)
		return wrongUse(err)
	})
	for _, topic := range topics {
		t.root.AddGroup(&cobra.Group{ID: string(topic.id), Title: topic.title})
	}
	for _, v := range verbs() {
		t.parent(v).AddCommand(t.command(v, std))
	}
	t.root.AddCommand(&cobra.Command{Use: "environment", Short: "environment variables that commands know", Long: environment},
		&cobra.Command{Use: "exit-status", Short: "what the exit status of a command means", Long: exitStatus},
		t.version(std), manual())
	t.root.SuggestionsMinimumDistance = 2
	t.root.InitDefaultHelpCmd()
	t.root.InitDefaultCompletionCmd(args...)
	for _, c := range t.root.Commands() {
		switch c.Name() {
		case "help":
			c.Short = "tell about a command or topic"
		case "completion":
			c.Short = "print what makes a shell complete commands and flags"
		}
	}
	t.root.SetUsageTemplate(strings.NewReplacer(
		"Additional Commands:", "Others:", "Additional help topics:", "Topics (syncline help TOPIC):",
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`, `"{{.CommandPath}} COMMAND --help" tells more about a command.`,
		"{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}", "{{flags .LocalFlags}}",
		"{{.UseLine}}", "{{.UseLine}}", "{{.CommandPath}} [command]", "{{.CommandPath}} COMMAND").Replace(t.root.UsageTemplate()))
	return t
}

func init() {
	cobra.AddTemplateFunc("flags", usages)
}

// usages lists flags as they are typed; a switch needs no =true.
func usages(f *pflag.FlagSet) string {
	const noise = "[=true|false]"
	return strings.TrimRight(strings.ReplaceAll(f.FlagUsages(), noise, strings.Repeat(" ", len(noise))), " \n")
}

// parent is the command under which another stands.
func (t *tree) parent(v verb) *cobra.Command {
	group, _, nested := strings.Cut(v.name, " ")
	if !nested {
		return t.root
	}
	for _, c := range t.root.Commands() {
		if c.Name() == group {
			return c
		}
	}
	g := groups[group]
	c := &cobra.Command{Use: group, Short: g.what, Long: g.long, GroupID: string(v.topic), Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			t.name = group
			if len(args) > 0 {
				return wrongUse(fmt.Errorf("has no command %q; see syncline %s --help", redact.Secrets(args[0]), group))
			}
			return cmd.Help()
		}}
	t.root.AddCommand(c)
	return c
}

func (t *tree) command(v verb, std IO) *cobra.Command {
	c := &call{IO: std}
	name := v.name[strings.LastIndex(v.name, " ")+1:]
	cmd := &cobra.Command{
		Use: strings.TrimSpace(name + " " + v.args), Short: v.what, Long: v.long, Example: indented(v.example), GroupID: string(v.topic),
		Args: func(_ *cobra.Command, args []string) error {
			t.name = v.name
			if len(args) != v.want {
				return wrongUse(fmt.Errorf("wants %s: syncline %s", plural(v.want), strings.TrimSpace(v.name+" "+v.args)))
			}
			return nil
		},
		ValidArgsFunction: v.complete,
		RunE: func(_ *cobra.Command, args []string) (err error) {
			c.args = args
			t.kind, err = c.carryOut(t.ctx, v)
			return err
		},
	}
	if strings.Contains(v.name, " ") {
		cmd.GroupID = ""
	}
	cmd.Flags().SortFlags = false
	for _, own := range v.flags {
		c.own(cmd.Flags(), own)
	}
	c.common(cmd.Flags())
	for flag, words := range flagWords {
		if cmd.Flags().Lookup(flag) != nil {
			// The flag is there, and it is given its words once.
			_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	return cmd
}

// complete says what an argument may be: a document, or what no shell can know.
func (v verb) complete(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if v.args == "FILE" && len(args) == 0 {
		return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// execute carries out the command line. The name is that of the command, for
// messages.
func (t *tree) execute() (kind app.Kind, name string, err error) {
	err = t.root.ExecuteContext(t.ctx)
	if errors.Is(err, pflag.ErrHelp) {
		err = nil
	}
	return t.kind, t.name, err
}

// unknown says that a word is no command, and which might be meant.
func (t *tree) unknown(args []string) error {
	if len(args) == 0 {
		return t.root.Help()
	}
	word := redact.Secrets(args[0])
	near := ""
	if meant := t.root.SuggestionsFor(args[0]); len(meant) > 0 {
		near = fmt.Sprintf("; %s may be meant", strings.Join(meant, " or "))
	}
	return wrongUse(fmt.Errorf("%q is no command%s. syncline --help lists them", word, near))
}

func wrongUse(err error) error { return &app.UseError{Msg: err.Error()} }

// nameOf is a command's name with that of its group.
func nameOf(cmd *cobra.Command) string {
	return strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), "syncline"), " ")
}

func indented(text string) string {
	if text == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(text, "\n", "\n  ")
}

func plural(n int) string {
	switch n {
	case 0:
		return "no argument"
	case 1:
		return "one argument"
	}
	return fmt.Sprintf("%d arguments", n)
}
