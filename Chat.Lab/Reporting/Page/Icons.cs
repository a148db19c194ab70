using Chat.Lab.Results;

namespace Chat.Lab.Reporting.Page;

/// <summary>Signs beside the colours, drawn once and used by name: no font need have them.</summary>
internal static class Icons
{
    public static readonly Html Definitions = Html.Verbatim(
        """
        <svg width="0" height="0" class="definitions" aria-hidden="true"><defs>
        <symbol id="i-whole" viewBox="0 0 16 16"><path d="M3 8.5l3.2 3.2L13 4.6"/></symbol>
        <symbol id="i-told" viewBox="0 0 16 16"><path d="M2 3h12v8H8.5L5 14v-3H2z"/></symbol>
        <symbol id="i-broken" viewBox="0 0 16 16"><path d="M4 4l8 8M12 4l-8 8"/></symbol>
        <symbol id="i-failed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.5"/><path d="M4.1 11.9l7.8-7.8"/></symbol>
        <symbol id="i-unnoticed" viewBox="0 0 16 16"><path d="M4 4l8 8M12 4l-8 8"/></symbol>
        <symbol id="i-acked" viewBox="0 0 16 16"><path d="M2 8.5l3 3 5.5-6.3"/><path d="M10.5 10l4 4M14.5 10l-4 4"/></symbol>
        <symbol id="i-doubled" viewBox="0 0 16 16"><path d="M5.5 5.5h8v8h-8z"/><path d="M10.5 5.5v-3h-8v8h3"/></symbol>
        <symbol id="i-swapped" viewBox="0 0 16 16"><path d="M5 13V3M2.5 5.5L5 3l2.5 2.500M11 3v10M8.5 10.500L11 13l2.5-2.5"/></symbol>
        <symbol id="i-skipped" viewBox="0 0 16 16"><path d="M2 11.500a6 6 0 0 1 12 0M14 7.500v4h-4"/></symbol>
        <symbol id="i-ghosts" viewBox="0 0 16 16"><path d="M3.5 13.500V7a4.5 4.5 0 0 1 9 0v6.500l-2.2-1.500L8 13.5 5.7 12z"/><path d="M6.5 7v.2M9.5 7v.2"/></symbol>
        </defs></svg>
        """);

    public static Html Of(Verdict verdict) => Use(CellText.Word(verdict));

    public static Html Of(WrongKind kind) => Use(kind switch
    {
        WrongKind.Unnoticed => "unnoticed",
        WrongKind.AckedButLost => "acked",
        WrongKind.Doubled => "doubled",
        WrongKind.Swapped => "swapped",
        WrongKind.Skipped => "skipped",
        _ => "ghosts",
    });

    private static Html Use(string name) => $"""<svg class="i" aria-hidden="true"><use href="#i-{name}"/></svg>""";
}
