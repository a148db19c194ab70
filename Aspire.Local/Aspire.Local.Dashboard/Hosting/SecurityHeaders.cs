namespace Aspire.Local.Dashboard.Hosting;

/// <summary>Nothing is loaded from elsewhere, and nobody frames the buttons that stop processes.</summary>
internal static class SecurityHeaders
{
    // Inline styles place the bars of a waterfall; there is no inline script.
    private const string Policy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return next(context);
    }
}
