using System.CommandLine;
using Blobs.Cli.Serve;
using Blobs.Files;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs serve</c>: the store as a registry.</summary>
internal static class ServeCommand
{
    private const int DefaultPort = 5000;

    public static Command Create()
    {
        Option<string> store = CommonOptions.Store();
        Option<ListenAddress?> listen = Listen();
        var htpasswd = new Option<string?>("--htpasswd")
        {
            Description = "Who may log in: USER:BCRYPT lines, as `htpasswd -B` writes them. Without it everybody may do everything.",
            HelpName = "FILE",
        };
        var anonymousPull = new Option<bool>("--anonymous-pull") { Description = "With --htpasswd: pulling needs no login." };
        var readOnly = new Option<bool>("--read-only") { Description = "Nobody may push or delete; `blobs gc` may then run beside it." };
        var metrics = new Option<bool>("--metrics") { Description = "Offer Prometheus text at /metrics." };
        var certificate = new Option<string?>("--tls-cert") { Description = "PEM certificate, its chain behind it.", HelpName = "FILE" };
        var key = new Option<string?>("--tls-key") { Description = "PEM key of it; default: in the same file.", HelpName = "FILE" };
        var durability = new Option<Durability>("--durability")
        {
            Description = "What is flushed to disk: none, commit (what is acknowledged), full (uploads in progress too).",
            HelpName = "LEVEL",
            DefaultValueFactory = _ => Durability.Commit,
        };
        Option<int> uploads = Number("--uploads", "N", "Requests that may write a blob at the same time.", least: 1, 64);
        Option<int> grace = Number("--grace", "SECONDS", "How long requests in flight may still take after SIGTERM.", least: 0, 60);
        Option<bool> quiet = CommonOptions.Quiet();
        quiet.Description = "Log warnings and errors only.";

        var command = new Command(
            "serve", "Serve the store as a registry (OCI distribution-spec 1.1). While it takes pushes, `blobs gc` keeps out of the store.")
        {
            store, listen, htpasswd, anonymousPull, readOnly, metrics, certificate, key, durability, uploads, grace, quiet,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(anonymousPull) && result.GetValue(htpasswd) is null)
            {
                result.AddError("--anonymous-pull needs --htpasswd FILE: without one everybody may push as well.");
            }

            if (result.GetValue(key) is not null && result.GetValue(certificate) is null)
            {
                result.AddError("--tls-key needs --tls-cert FILE.");
            }
        });
        command.Runs("it was not listening yet", (arguments, cancellationToken) => RegistryHost.RunAsync(
            new ServeSettings
            {
                Store = arguments.GetRequiredValue(store),
                Listen = arguments.GetValue(listen)!,
                Htpasswd = arguments.GetValue(htpasswd),
                AnonymousPull = arguments.GetValue(anonymousPull),
                ReadOnly = arguments.GetValue(readOnly),
                Metrics = arguments.GetValue(metrics),
                TlsCertificate = arguments.GetValue(certificate),
                TlsKey = arguments.GetValue(key),
                Durability = arguments.GetValue(durability),
                ConcurrentUploads = arguments.GetValue(uploads),
                Grace = TimeSpan.FromSeconds(arguments.GetValue(grace)),
                IsQuiet = arguments.GetValue(quiet),
            },
            text => Console.Error.WriteLine($"blobs: {text}"),
            cancellationToken));
        return command.With(
            "blobs serve --store /var/lib/registry",
            "blobs serve --store /srv/blobs --listen 0.0.0.0:5000 --htpasswd users --anonymous-pull --tls-cert c.pem --tls-key k.pem");
    }

    private static Option<int> Number(string name, string helpName, string description, int least, int usual)
    {
        var option = new Option<int>(name) { Description = description, HelpName = helpName, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least)
            {
                result.AddError($"{name} must be at least {least}.");
            }
        });
        return option;
    }

    private static Option<ListenAddress?> Listen() => new("--listen")
    {
        Description = "Where to listen: an address or a name of this machine; without one everywhere. Port 0 takes a free one.",
        HelpName = "HOST:PORT",
        DefaultValueFactory = _ => new ListenAddress("127.0.0.1", DefaultPort),
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (ListenAddress.TryParse(text) is not { } address)
            {
                result.AddError($"--listen: '{text}' is not HOST:PORT, such as 127.0.0.1:5000, localhost:5000, [::1]:5000 or :5000");
                return null;
            }

            return address;
        },
    };
}
