using System.CommandLine;
using Blobs.Cli.Registries;
using Blobs.Cli.Serve;
using Blobs.Files;
using Blobs.Registry;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs serve</c>: the store as a registry.</summary>
internal static class ServeCommand
{
    private const int DefaultPort = 5000;

    public static Command Create()
    {
        StorePlaceOptions store = StorePlaceOptions.Create();
        Option<ListenAddress?> listen = Listen();
        var htpasswd = new Option<string?>("--htpasswd")
        {
            Description = "Users, in lines USER:BCRYPT as `htpasswd -B` writes them. Default: anyone may pull, push and delete.",
            HelpName = "FILE",
        };
        var anonymousPull = new Option<bool>("--anonymous-pull") { Description = "With --htpasswd: allow pulls without a login." };
        var readOnly = new Option<bool>("--read-only")
        {
            Description = "Reject pushes and deletes.",
        };
        Option<RegistryHosts> hosts = Hosts();
        var tokenKey = new Option<string?>("--token-key")
        {
            Description = "The secret that signs tokens, at least 32 bytes, the same on every host. Default: a new one.",
            HelpName = "FILE",
        };
        var redirect = new Option<bool>("--redirect")
        {
            Description = "Send clients that pull a blob to the object store, with a signed address.",
        };
        Option<TimeSpan?> every = DurationOption.Create("--gc-every", "Collect garbage from time to time, as `blobs gc` does.");
        var collecting = new CollectOptions();
        var metrics = new Option<bool>("--metrics") { Description = "Serve Prometheus metrics at /metrics." };
        var certificate = new Option<string?>("--tls-cert") { Description = "PEM certificate, followed by its chain.", HelpName = "FILE" };
        var key = new Option<string?>("--tls-key")
        {
            Description = "PEM key of the certificate. Default: the same file.",
            HelpName = "FILE",
        };
        var durability = new Option<Durability>("--durability")
        {
            Description = "In a directory, what to sync to disk: none, commit (what is acknowledged) or full (uploads in progress too).",
            HelpName = "LEVEL",
            DefaultValueFactory = _ => Durability.Commit,
        };
        Option<int> uploads = Number("--uploads", "N", "Requests that may upload a blob at the same time.", least: 1, 64);
        Option<int> grace = Number("--grace", "SECONDS", "How long requests in flight may take after SIGTERM.", least: 0, 60);
        Option<bool> quiet = CommonOptions.Quiet();
        quiet.Description = "Log warnings and errors only.";

        var command = new Command(
            "serve", "Serve the store as a registry (OCI distribution-spec 1.1). `blobs gc` may run at the same time.")
        {
            listen, htpasswd, anonymousPull, readOnly, hosts, tokenKey, redirect, metrics,
            certificate, key, durability, uploads, grace, quiet,
        };
        store.AddTo(command);
        command.Options.Add(every);
        collecting.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(anonymousPull) && result.GetValue(htpasswd) is null)
            {
                result.AddError("--anonymous-pull needs --htpasswd FILE: without it anyone may push as well.");
            }

            if (result.GetValue(every) is { } pause && (pause <= TimeSpan.Zero || result.GetValue(readOnly)))
            {
                result.AddError("--gc-every takes a time longer than 0, and does not go with --read-only.");
            }

            if (result.GetValue(key) is not null && result.GetValue(certificate) is null)
            {
                result.AddError("--tls-key needs --tls-cert FILE.");
            }
        });
        command.Runs("the server was not listening yet", (arguments, cancellationToken) => RegistryServer.RunAsync(
            new ServeSettings
            {
                Store = store.Of(arguments),
                Listen = arguments.GetValue(listen)!,
                Htpasswd = arguments.GetValue(htpasswd),
                AnonymousPull = arguments.GetValue(anonymousPull),
                ReadOnly = arguments.GetValue(readOnly),
                Hosts = arguments.GetValue(hosts),
                TokenKey = arguments.GetValue(tokenKey),
                Redirect = arguments.GetValue(redirect),
                CollectEvery = arguments.GetValue(every),
                Collection = collecting.Read(arguments),
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
            "AWS_PROFILE=registry blobs serve --store s3://images/prod --s3-endpoint https://s3.example.com --listen :5000",
            "blobs serve --store /srv/blobs --listen 0.0.0.0:5000 --htpasswd users --anonymous-pull --tls-cert c.pem --tls-key k.pem");
    }

    private static Option<RegistryHosts> Hosts() => new("--hosts")
    {
        Description = "How many hosts serve the store: one or many. Default: many where the store allows it.",
        HelpName = "one|many",
        CustomParser = result =>
        {
            switch (result.Tokens[0].Value)
            {
                case "one":
                    return RegistryHosts.One;
                case "many":
                    return RegistryHosts.Many;
                default:
                    result.AddError($"--hosts: '{result.Tokens[0].Value}' is neither one nor many.");
                    return default;
            }
        },
    };

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
        Description = "Address or host name to listen on; :PORT alone is every address. Port 0 picks a free port.",
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
