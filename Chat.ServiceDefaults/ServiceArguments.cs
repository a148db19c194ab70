namespace Microsoft.Extensions.Hosting;

/// <summary>The arguments of a service, for its host's builder.</summary>
public static class ServiceArguments
{
    /// <summary>
    /// Settings are read once, at start. Left to itself a builder watches every file below the working directory for changes of its
    /// settings: a node that is started beside a database's files spends a tenth of its time on hearing of each write. And it would look for
    /// them there: a program started from elsewhere would miss the log levels that keep tokens out of its log.
    /// </summary>
    /// <param name="args">As the program was given them; they win.</param>
    public static string[] From(string[] args) => ["--hostBuilder:reloadConfigOnChange=false", $"--contentRoot={AppContext.BaseDirectory}", .. args];
}
