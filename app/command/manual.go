package command

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"

	"syncline/app"
)

// manual writes the pages of man into a folder, for packages. It stands in no
// help: a person has them installed.
func manual() *cobra.Command {
	return &cobra.Command{Use: "man FOLDER", Short: "write the pages of man", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // pages that everybody reads
				return err
			}
			made := sourceDate(os.Getenv("SOURCE_DATE_EPOCH"))
			return doc.GenManTree(cmd.Root(), &doc.GenManHeader{Title: "SYNCLINE", Section: "1", Date: &made, Source: "Syncline " + app.Version, Manual: "Syncline"}, args[0])
		}}
}

// sourceDate is the date of reproducible builds (reproducible-builds.org), or
// today.
func sourceDate(epoch string) time.Time {
	if s, err := strconv.ParseInt(epoch, 10, 64); err == nil {
		return time.Unix(s, 0).UTC()
	}
	return time.Now().UTC()
}

// Reference is the reference of the command line, as Markdown: what help says of
// each command, in its order.
func Reference() string {
	root := newTree(context.Background(), IO{}, nil).root
	var b strings.Builder
	b.WriteString("# The commands\n\nMade of the program's own help by `make reference`; `syncline COMMAND --help` says the same.\n")
	var of func(c *cobra.Command)
	of = func(c *cobra.Command) {
		if c.Hidden || !c.IsAvailableCommand() && !c.IsAdditionalHelpTopicCommand() || c.Name() == "help" {
			return
		}
		if c.HasParent() {
			section(&b, c)
		}
		for _, sub := range c.Commands() {
			if c.Name() != "completion" {
				of(sub)
			}
		}
	}
	for _, t := range topics {
		fmt.Fprintf(&b, "\n## %s\n", strings.TrimSuffix(t.title, ":"))
		for _, c := range root.Commands() {
			if c.GroupID == string(t.id) {
				of(c)
			}
		}
	}
	b.WriteString("\n## Everything else\n")
	for _, c := range root.Commands() {
		if c.GroupID == "" {
			of(c)
		}
	}
	b.WriteString("\n## Flags of every command\n\n")
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.SortFlags = false
	(&call{}).common(flags)
	fmt.Fprintf(&b, "```\n%s\n```\n", usages(flags))
	return b.String()
}

// section is what the reference says of one command.
func section(b *strings.Builder, c *cobra.Command) {
	fmt.Fprintf(b, "\n### %s\n\n", nameOf(c))
	if c.IsAdditionalHelpTopicCommand() {
		fmt.Fprintf(b, "```\n%s\n```\n", c.Long)
		return
	}
	text := c.Long
	if text == "" || c.Name() == "completion" {
		text = strings.ToUpper(c.Short[:1]) + c.Short[1:] + "."
	}
	fmt.Fprintf(b, "%s\n", text)
	fmt.Fprintf(b, "\n```\n%s\n```\n", c.UseLine())
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	own.SortFlags = false
	shared := map[string]bool{"help": true, "json": true, "yes": true, "portal": true, "workspace": true}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !shared[f.Name] {
			own.AddFlag(f)
		}
	})
	if own.HasFlags() {
		fmt.Fprintf(b, "\n```\n%s\n```\n", usages(own))
	}
	if c.Example != "" {
		fmt.Fprintf(b, "\nFor example:\n\n```\n%s\n```\n", strings.ReplaceAll(strings.TrimPrefix(c.Example, "  "), "\n  ", "\n"))
	}
}
