using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Listening;

/// <summary>The certificate for https URLs, read once at start.</summary>
internal sealed class ServerCertificate(IOptions<BalancerOptions> options)
{
    private readonly SslStreamCertificateContext? _context = Load(options.Value);

    public bool Given => _context is not null;

    public SslStreamCertificateContext Context => _context ?? throw new InvalidOperationException("No certificate was given");

    private static SslStreamCertificateContext? Load(BalancerOptions options)
    {
        if (options.CertificatePath is not { } path)
        {
            return null;
        }

        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(path);
        return SslStreamCertificateContext.Create(
            X509Certificate2.CreateFromPemFile(path, options.CertificateKeyPath), chain, offline: true);
    }
}
