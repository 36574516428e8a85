package scrape

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/atomicfile"
	"github.com/kurakurai/luth/internal/exit"
	"github.com/kurakurai/luth/scrape/crawl"
	"github.com/kurakurai/luth/scrape/document"
	"github.com/kurakurai/luth/scrape/exam"
)

// NewCommand returns `luth scrape` with its subcommands.
func NewCommand() *cobra.Command {
	cmd := newCrawlCommand()
	cmd.AddCommand(newListCommand(), newCheckCommand(), newExtractCommand(), newPairCommand(), newAlignCommand())
	return cmd
}

func newCrawlCommand() *cobra.Command {
	var store, warc string
	var params CrawlParams
	var dryRun, fresh, asJSON bool
	cmd := &cobra.Command{
		Use:   "scrape SOURCE...",
		Short: "Crawl exam sites, and read, pair and align their documents",
		Long: `Scrape fetches the documents of one or more sources into a folder: a name from
` + "`luth scrape list`" + `, or the path of a definition (docs/adding-a-source.md).

It obeys robots.txt, waits between two requests to a host, and never leaves the
source's domains. A crawl that was stopped goes on where it stood; one that
ended is repeated by asking only for what changed. The whole road from a site
to a dataset is ` + "`luth build recipes/scholar.yaml`" + `.`,
		Example: `  luth scrape sujetdebac --out crawl --contact you@example.org
  luth scrape prepas --out crawl --dry-run
  luth scrape ./mysource.yaml --out crawl --warc crawl.warc.gz`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			options := crawl.Options{Store: store, Contact: params.Contact, DryRun: dryRun, Fresh: fresh, Progress: cmd.ErrOrStderr()}
			var err error
			if options.Sources, err = rules(args); err != nil {
				return err
			}
			if params.Example {
				stop, err := serveExample(cmd.Context(), &options)
				if err != nil {
					return err
				}
				defer stop()
			}
			balance, err := crawl.Run(cmd.Context(), options)
			if err != nil {
				return err
			}
			if warc != "" {
				if err := exportWARC(cmd, store, warc); err != nil {
					return err
				}
			}
			return reportCrawl(cmd, store, balance, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&store, "out", "out/crawl", "folder of the documents and of the crawl's state")
	flags.StringVar(&params.Contact, "contact", "", "address or URL in the user agent, for the people whose site it is")
	flags.StringVar(&warc, "warc", "", "also write what was fetched to this WARC file")
	flags.BoolVar(&dryRun, "dry-run", false, "fetch pages only and list the documents that would be fetched")
	flags.BoolVar(&fresh, "fresh", false, "start over even when the last crawl did not end")
	flags.BoolVar(&params.Example, "example", false, "serve the bundled exam site on loopback while crawling (the source named example)")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object per address instead of the balance")
	return cmd
}

func exportWARC(cmd *cobra.Command, store, path string) error {
	s, err := crawl.Open(cmd.Context(), store)
	if err != nil {
		return err
	}
	defer s.Close()
	f, err := atomicfile.Create(path)
	if err != nil {
		return err
	}
	defer f.Abort()
	if err := s.ExportWARC(cmd.Context(), f); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return f.Commit()
}

// reportCrawl prints the balance of a crawl, or with JSON every address and
// what became of it.
func reportCrawl(cmd *cobra.Command, store string, balance dataset.Balance, asJSON bool) error {
	s, err := crawl.Open(cmd.Context(), store)
	if err != nil {
		return err
	}
	defer s.Close()
	if asJSON {
		entries, err := s.Entries(cmd.Context())
		if err != nil {
			return err
		}
		return errors.Join(printJSON(cmd.OutOrStdout(), entries), heard(cmd.Context(), s))
	}
	if err := dataset.PrintBalances(cmd.OutOrStdout(), []dataset.Balance{balance}); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "documents and state are in %s\n", store)
	return errors.Join(balance.Check(), heard(cmd.Context(), s))
}

// printJSON writes one JSON object a line.
func printJSON[T any](w io.Writer, list []T) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, v := range list {
		if err := enc.Encode(v); err != nil {
			return err
		}
	}
	return nil
}

func newListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the sources that come with luth",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			sources, err := Sources()
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), summaries(sources))
			}
			tw := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, s := range summaries(sources) {
				fmt.Fprintf(tw, "%s\t%s\t%s\n", s.Name, s.Level, s.Title)
			}
			return tw.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per source")
	return cmd
}

// summary is what `luth scrape list` shows of a source.
type summary struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Level       string   `json:"level"`
	Description string   `json:"description"`
	Licence     string   `json:"licence"`
	Domains     []string `json:"domains"`
}

func summaries(sources []*Source) []summary {
	list := make([]summary, len(sources))
	for i, s := range sources {
		list[i] = summary{s.Name, s.Title, s.Level, s.Description, s.Licence, s.Domains}
	}
	return list
}

func newExtractCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "extract FILE",
		Short: "Print the text of a PDF or LaTeX file",
		Long: `Extract prints the text of one exam file in reading order, UTF-8, with a form
feed between pages. Superscripts and subscripts stand as ^ and _, fractions as
(a)/(b). With --json it prints one object with pages, lines and the verdict.

Exit code 3 says that the file has no usable text; the verdict on standard
error is scan, encrypted, damaged, garbled or hostile.`,
		Example: `  luth scrape extract sujet.pdf
  luth scrape extract sujet.pdf --json | jq -r .verdict`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := ExtractFile(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if asJSON {
				if err := printJSON(cmd.OutOrStdout(), []any{text}); err != nil {
					return err
				}
			} else if _, err := io.WriteString(cmd.OutOrStdout(), text.String()); err != nil {
				return err
			}
			return needText(args[0], text)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print pages, lines and the verdict as one JSON object")
	return cmd
}

// needText returns an error with exit code 3 for a file without usable text.
func needText(path string, text document.Text) error {
	if text.Verdict == document.VerdictText {
		return nil
	}
	return exit.With(exit.NoText, fmt.Errorf("%s has no usable text; verdict: %s (%s)", path, text.Verdict, text.Detail))
}

func newPairCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "pair DIR",
		Short: "Find which files of a folder are subjects and which their corrections",
		Long: `Pair reads the names of the PDF and LaTeX files below a folder and prints, tab
separated, each subject with its correction and, separated by a space and
comma, the other corrections to try. What has no partner goes to standard
error with the reason.`,
		Example: `  luth scrape pair exams/
  luth scrape pair exams/ | while IFS=$'\t' read -r s c _; do luth scrape align "$s" "$c"; done`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pairs, err := pairFolder(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), pairs)
			}
			for _, p := range pairs {
				if p.Reason != "" {
					fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", cmp.Or(p.Subject, p.Correction), p.Reason)
					continue
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s\t%s\t%s\n", p.Subject, p.Correction, strings.Join(p.Alternatives, ", "))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per paper, those without partner included")
	return cmd
}

func newAlignCommand() *cobra.Command {
	var threshold float64
	cmd := &cobra.Command{
		Use:   "align SUBJECT CORRECTION",
		Short: "Align the questions of a subject with the answers of its correction",
		Long: `Align prints one JSON object a line for every question found in the subject:
its path in the numbering, the context it stands in, the question, the answer,
a confidence from 0 to 1, the pages, whether it is kept and, if not, why.

Exit code 3 says that one of the files has no usable text.`,
		Example: `  luth scrape align sujet.pdf corrige.pdf | jq 'select(.kept) | .question'`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var texts [2]document.Text
			for i, path := range args {
				text, err := ExtractFile(cmd.Context(), path)
				if err == nil {
					err = needText(path, text)
				}
				if err != nil {
					return err
				}
				texts[i] = text
			}
			pairs, report := exam.Align(texts[0], texts[1], exam.Options{Threshold: threshold})
			if err := printJSON(cmd.OutOrStdout(), pairs); err != nil {
				return err
			}
			if report.Identical {
				fmt.Fprintf(cmd.ErrOrStderr(), "%s has the same text as the subject: it is no correction\n", args[1])
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "%d questions, %d aligned, %d kept\n", report.Questions, report.Aligned, report.Kept)
			return nil
		},
	}
	cmd.Flags().Float64Var(&threshold, "threshold", exam.DefaultThreshold, "least confidence of a pair that is kept")
	return cmd
}

func newCheckCommand() *cobra.Command {
	var options CheckOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check SOURCE",
		Short: "Show what a source definition would fetch and pair",
		Long: `Check runs a definition over its fixture pages, or with --live over the first
pages of the site, and prints what it would fetch, with which metadata, and
which documents would be paired. No document is fetched.

It fails when a rule finds nothing, and shows what on the page comes nearest.`,
		Example: `  luth scrape check sujetdebac
  luth scrape check ./mysource.yaml --live --pages 5`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			source, err := LoadSource(args[0])
			if err != nil {
				return err
			}
			report, err := Check(cmd.Context(), source, options)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), []*Report{report})
			} else {
				err = report.Print(cmd.OutOrStdout())
			}
			return errors.Join(err, report.Err())
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&options.Live, "live", false, "ask the site itself instead of the fixture pages")
	flags.IntVar(&options.Pages, "pages", 20, "pages asked of the live site")
	flags.StringVar(&options.Contact, "contact", "", "address or URL in the user agent, for the people whose site it is")
	flags.BoolVar(&asJSON, "json", false, "print the report as one JSON object")
	return cmd
}
