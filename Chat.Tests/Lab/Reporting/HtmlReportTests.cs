using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Chat.Lab.Reporting;
using Chat.Lab.Reporting.Page;
using Chat.Lab.Results;

namespace Chat.Tests.Lab.Reporting;

public sealed partial class HtmlReportTests
{
    private static readonly string Page = HtmlReport.Write(SampleReport.Make());

    /// <summary>Style sheet and script left out: what they hold is no markup.</summary>
    private static readonly XDocument Document = Parse(CodeBlocks().Replace(Page, "<$1></$1>"));

    [Fact]
    public void Each_cell_links_to_its_details_and_each_detail_is_there_once()
    {
        var report = SampleReport.Make();

        var links = Document.Descendants("a").Where(link => HasClass(link, "cell")).Select(link => link.Attribute("href")!.Value).ToArray();
        var details = Document.Descendants().Attributes("id").Select(id => $"#{id.Value}").Where(id => id.StartsWith("#c-", StringComparison.Ordinal)).ToArray();

        Assert.Equal(report.Cells.Count, links.Length);
        Assert.Equal(links.Order(), details.Order());
        Assert.Equal(links.Length, links.Distinct().Count());
    }

    [Fact]
    public void All_links_lead_somewhere_on_the_page()
    {
        var ids = Document.Descendants().Attributes("id").Select(id => $"#{id.Value}").ToArray();

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(Document.Descendants().Attributes("href"), link => Assert.Contains(link.Value, ids));
    }

    [Fact]
    public void The_page_asks_the_network_for_nothing()
    {
        Assert.DoesNotContain(Document.Descendants().Attributes(), attribute => attribute.Name.LocalName is "src" or "srcset" or "data" or "action");
        Assert.DoesNotMatch(@"url\(|@import|https?://|fetch\(|XMLHttpRequest|import\(", Page);
    }

    [Fact]
    public void Names_are_shown_as_they_are_and_never_run()
    {
        Assert.DoesNotContain("<script>alert", Page, StringComparison.Ordinal);
        Assert.Contains(Document.Descendants("small"), small => small.Value == "<script>alert('60/s & more')</script>");
    }

    [Theory]
    [InlineData(Verdict.Whole, 0, "v-whole")]
    [InlineData(Verdict.Told, 0, "v-told")]
    [InlineData(Verdict.Failed, 0, "v-failed")]
    [InlineData(Verdict.Broken, 0, "v-broken g1")]
    [InlineData(Verdict.Broken, 5, "v-broken g2")]
    [InlineData(Verdict.Broken, 30, "v-broken g3")]
    [InlineData(Verdict.Broken, 67, "v-broken g4")]
    internal void A_verdict_has_its_class_and_a_sign_beside_the_colour(Verdict verdict, int lost, string expected)
    {
        var report = SampleReport.Make();
        var cell = report.Cells[0] with { Verdict = verdict, Tally = Tally.Nothing with { Expected = 100, Lost = lost, LostUnnoticed = lost } };

        var entry = Parse(CodeBlocks().Replace(HtmlReport.Write(report with { Cells = [cell] }), "")).Descendants("a").Single(link => HasClass(link, "cell"));

        Assert.Equal($"cell {expected}", entry.Attribute("class")!.Value);
        Assert.NotEmpty(entry.Descendants("use"));
        Assert.Contains(CellText.Word(verdict), entry.Attribute("aria-label")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_one_strategy_has_one_column()
    {
        var report = SampleReport.Make();

        var page = Parse(CodeBlocks().Replace(HtmlReport.Write(report with { Cells = [.. report.Cells.Where(cell => cell.Strategy == "log")] }), ""));

        Assert.Equal("log", Assert.Single(page.Descendants("th"), head => head.Attribute("scope")?.Value == "col").Element("b")!.Value);
    }

    [Fact]
    public void A_whole_run_fits_in_a_few_megabytes() => Assert.InRange(Page.Length, 100_000, 2_500_000);

    [Fact]
    public void Whatever_stands_in_a_hole_is_escaped_unless_it_is_html()
    {
        Html piece = $"<b>{"<i>&\"'\0"}</b>{Html.Verbatim("<hr/>")}{1.0 / 3}";

        Assert.Equal("<b>&lt;i&gt;&amp;&quot;&#39;\uFFFD</b><hr/>0.33", piece.ToString());
    }

    [Fact]
    public void Colours_have_the_contrast_of_WCAG_AA()
    {
        var schemes = Schemes().Matches(Page);

        Assert.Equal(2, schemes.Count);
        foreach (Match scheme in schemes)
        {
            var colours = Variables().Matches(scheme.Value).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
            string[] verdicts = ["whole", "told", "broken1", "broken2", "broken3", "broken4", "failed"];
            var pairs = verdicts.Select(verdict => (Text: $"on-{verdict}", Ground: verdict)).Concat(new (string Text, string Ground)[]
            {
                ("on-failed", "hatch"), ("on-whole", "page"), ("on-whole", "surface"), ("on-told", "page"), ("on-told", "surface"), ("on-broken1", "page"),
                ("ink", "page"), ("soft", "page"), ("ink", "surface"), ("soft", "surface"), ("link", "page"), ("link", "surface"), ("ink", "code"),
            });
            Assert.All(pairs, pair => Assert.True(
                Contrast(colours[pair.Text], colours[pair.Ground]) >= 4.5, $"{pair.Text} on {pair.Ground}: {Contrast(colours[pair.Text], colours[pair.Ground]):0.00}"));
        }
    }

    private static bool HasClass(XElement element, string name) => element.Attribute("class")?.Value.Split(' ').Contains(name) == true;

    private static XDocument Parse(string page)
    {
        using var reader = XmlReader.Create(new StringReader(page), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader);
    }

    private static double Contrast(string one, string other)
    {
        var (first, second) = (Luminance(one), Luminance(other));
        return (Math.Max(first, second) + 0.05) / (Math.Min(first, second) + 0.05);
    }

    private static double Luminance(string colour)
    {
        double Channel(int place)
        {
            var value = int.Parse(colour.AsSpan(1 + (2 * place), 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
        }

        return (0.2126 * Channel(0)) + (0.7152 * Channel(1)) + (0.0722 * Channel(2));
    }

    [GeneratedRegex("<(style|script)>.*?</\\1>", RegexOptions.Singleline)]
    private static partial Regex CodeBlocks();

    [GeneratedRegex(@":root \{\s+color-scheme:.*?\}", RegexOptions.Singleline)]
    private static partial Regex Schemes();

    [GeneratedRegex(@"--([a-z0-9-]+): (#[0-9a-f]{6})")]
    private static partial Regex Variables();
}
