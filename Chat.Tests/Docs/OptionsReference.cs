using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Chat.Tests.Docs;

/// <summary>The reference of one type of options, from the type itself and from its documentation comments.</summary>
internal sealed partial class OptionsReference
{
    /// <summary>Defaults that the machine decides: what the page says of them.</summary>
    private static readonly Dictionary<string, string> MachineDefaults = new() { ["LoopsMax"] = "half the processors" };

    private readonly string _section;
    private readonly object _defaults;
    private readonly Dictionary<string, XElement> _meanings;
    private readonly PropertyInfo[] _options;

    /// <param name="options">Has a constructor without parameters and a constant <c>Section</c>.</param>
    /// <param name="documentation">The XML file that the compiler has written beside the type's assembly.</param>
    public OptionsReference(Type options, string documentation)
    {
        var prefix = $"P:{options.FullName}.";
        _section = (string)options.GetField("Section")!.GetRawConstantValue()!;
        _defaults = Activator.CreateInstance(options)!;
        _options = [.. options.GetProperties().Where(property => property.CanWrite)];
        _meanings = XDocument.Load(documentation).Descendants("member")
            .Where(member => member.Attribute("name")!.Value.StartsWith(prefix, StringComparison.Ordinal) && member.Element("summary") is not null)
            .ToDictionary(member => member.Attribute("name")!.Value[prefix.Length..], member => member.Element("summary")!);
    }

    public IEnumerable<string> Options => _options.Select(option => option.Name);

    /// <summary>Options of which nothing says what they mean.</summary>
    public IEnumerable<string> Undocumented => Options.Where(name => !_meanings.ContainsKey(name));

    public string Table()
    {
        var table = new StringBuilder("| option, environment variable | default | unit | meaning |\n| --- | --- | --- | --- |\n");
        foreach (var option in _options)
        {
            table.Append(CultureInfo.InvariantCulture, $"| **{option.Name}** `{Variable(option)}` | {Default(option)} | {Unit(option)} | {Meaning(option)} |\n");
        }

        return table.ToString();
    }

    private string Variable(PropertyInfo option) =>
        $"{_section.Replace(":", "__", StringComparison.Ordinal)}__{option.Name}{(option.PropertyType.IsArray ? "__0" : "")}";

    private string Default(PropertyInfo option)
    {
        if (MachineDefaults.TryGetValue(option.Name, out var known))
        {
            return known;
        }

        return option.GetValue(_defaults) switch
        {
            null or "" => "–",
            ICollection { Count: 0 } => "none",
            bool value => value ? "`true`" : "`false`",
            TimeSpan value => $"`{Text(value)}`",
            IFormattable value => $"`{value.ToString(null, CultureInfo.InvariantCulture)}`",
            var value => $"`{value}`",
        };
    }

    private static string Text(TimeSpan value)
    {
        var text = value.ToString("c", CultureInfo.InvariantCulture);
        return value.Ticks % TimeSpan.TicksPerSecond == 0 ? text : text.TrimEnd('0');
    }

    /// <summary>The unit stands in the name, last or before <c>Max</c> and <c>Min</c>; a TimeSpan is its own.</summary>
    private static string Unit(PropertyInfo option) => option switch
    {
        { PropertyType: var type } when type == typeof(TimeSpan) => "d.hh:mm:ss",
        { PropertyType: var type } when type == typeof(bool) || type == typeof(bool?) => "true, false",
        { PropertyType: var type } when type == typeof(string) => "text",
        { PropertyType: var type } when type == typeof(string[]) => "texts",
        { Name: var name } => UnitOf(name),
    };

    private static string UnitOf(string name)
    {
        var bare = Bound().Replace(name, "");
        return bare switch
        {
            _ when bare.Contains("PerSecond", StringComparison.Ordinal) => "a second",
            _ when bare.EndsWith("Seconds", StringComparison.Ordinal) => "s",
            _ when bare.EndsWith("Ms", StringComparison.Ordinal) => "ms",
            _ when bare.EndsWith("MiB", StringComparison.Ordinal) => "MiB",
            _ when bare.EndsWith("Bytes", StringComparison.Ordinal) => "bytes",
            _ when bare.EndsWith("Ratio", StringComparison.Ordinal) => "ratio",
            _ when bare.EndsWith("Port", StringComparison.Ordinal) => "port",
            _ => "count",
        };
    }

    private string Meaning(PropertyInfo option)
    {
        var meaning = _meanings.TryGetValue(option.Name, out var summary) ? Blanks().Replace(string.Concat(summary.Nodes().Select(Plain)), " ").Trim() : "";
        return (option.GetCustomAttribute<RangeAttribute>() is { } range
            ? string.Create(CultureInfo.InvariantCulture, $"{meaning} From {range.Minimum} to {range.Maximum}.")
            : meaning).Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Plain(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")!.Value.Split('.')[^1]}`",
        _ => throw new FormatException($"No way to write {node} on the page."),
    };

    [GeneratedRegex("(ToLeave|ToReturn|AtStart|PerConnection|PerUser|PerRoom|PerMessage)?(Max|Min)?$")]
    private static partial Regex Bound();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
