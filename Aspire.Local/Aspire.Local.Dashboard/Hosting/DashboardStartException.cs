namespace Aspire.Local.Dashboard.Hosting;

/// <summary>The dashboard cannot start, for a reason that one line explains. Change what it says, then start again.</summary>
internal sealed class DashboardStartException(string message) : Exception(message);
