using System.Text;

namespace Aspire.Local.Hosting.Launching;

/// <summary>Splits a command line into arguments: spaces separate, double quotes hold together, a backslash keeps the next quote.</summary>
internal static class CommandLine
{
    public static string[] Split(string line)
    {
        var arguments = new List<string>();
        var current = new StringBuilder();
        var (quoted, started) = (false, false);
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '\\' && i + 1 < line.Length && line[i + 1] == '"')
            {
                current.Append('"');
                (i, started) = (i + 1, true);
            }
            else if (c == '"')
            {
                (quoted, started) = (!quoted, true);
            }
            else if (char.IsWhiteSpace(c) && !quoted)
            {
                Flush();
            }
            else
            {
                current.Append(c);
                started = true;
            }
        }

        Flush();
        return [.. arguments];

        void Flush()
        {
            if (started)
            {
                arguments.Add(current.ToString());
            }

            current.Clear();
            started = false;
        }
    }
}
