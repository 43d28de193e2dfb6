using System.CommandLine;
using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Oci;

namespace Blobs.Cli;

/// <summary>Options of every verb that talks to a registry.</summary>
internal sealed class RegistryAccessOptions
{
    public Option<bool> PlainHttp { get; } = new("--plain-http")
    {
        Description = "Use HTTP, not HTTPS. Without it, registries on this machine are tried with both.",
    };

    public Option<string?> AuthorityFile { get; } = new("--ca-file")
    {
        Description = "PEM file of certificates to trust in addition to the system's.",
        HelpName = "FILE",
    };

    public Option<string?> CredentialsFile { get; } = new("--authfile")
    {
        Description = "File with logins, in docker's form. Default: docker's own, $DOCKER_CONFIG/config.json or ~/.docker/config.json.",
        HelpName = "FILE",
    };

    public Option<RegistryMirror[]> Mirrors { get; } = new("--mirror")
    {
        Description = "Pull from the mirror URL first, and from HOST when that fails; may be repeated. Nothing is pushed to it.",
        HelpName = "HOST=URL",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result =>
        {
            try
            {
                return [.. result.Tokens.Select(token => RegistryMirror.Parse(token.Value))];
            }
            catch (MalformedDataException fault)
            {
                result.AddError($"--mirror: {fault.Message}");
                return [];
            }
        },
    };

    public Option<bool> AllowPrivate { get; } = new("--allow-private")
    {
        Description = "Let a registry on a public address send requests on to private addresses.",
    };

    public Option<int?> Jobs { get; } = Positive("--jobs", "Layers to transfer at once. Default: 2 to 4, depending on the machine.");

    /// <param name="command">The verb.</param>
    /// <param name="transfers">Whether it transfers several layers at once.</param>
    public void AddTo(Command command, bool transfers = true)
    {
        if (transfers)
        {
            command.Options.Add(Jobs);
        }

        command.Options.Add(PlainHttp);
        command.Options.Add(AuthorityFile);
        command.Options.Add(CredentialsFile);
        command.Options.Add(Mirrors);
        command.Options.Add(AllowPrivate);
    }

    /// <summary>Adds those of a login.</summary>
    public void AddLoginTo(Command command)
    {
        command.Options.Add(PlainHttp);
        command.Options.Add(AuthorityFile);
        command.Options.Add(CredentialsFile);
        command.Options.Add(AllowPrivate);
    }

    public RegistryClient Connect(ParseResult arguments) => Connect(arguments, options => options);

    /// <summary>A client whose options differ in some way.</summary>
    public RegistryClient Connect(ParseResult arguments, Func<RegistryClientOptions, RegistryClientOptions> change) =>
        new(change(OptionsIn(arguments)));

    /// <summary>The logins in a file.</summary>
    /// <exception cref="WorkFailedException">It is not there.</exception>
    public static DockerConfig LoginsIn(string file) =>
        File.Exists(file) ? new DockerConfig(file) : throw new WorkFailedException($"{file}: no such file");

    /// <summary>A client that uses these credentials and no others.</summary>
    public RegistryClient ConnectAs(ParseResult arguments, RegistryCredentials credentials) =>
        new(OptionsIn(arguments, readsLogins: false) with { Credentials = new GivenCredentials(credentials) });

    private RegistryClientOptions OptionsIn(ParseResult arguments, bool readsLogins = true)
    {
        // For manifests and existence checks, beside the layers.
        const int MoreConnections = 2;
        var defaults = new RegistryClientOptions();
        return defaults with
        {
            PlainHttp = arguments.GetValue(PlainHttp),
            Warn = text => Console.Error.WriteLine($"blobs: {text.ReplaceLineEndings(" ")}"),
            CertificateAuthorityFile = arguments.GetValue(AuthorityFile),
            Credentials = readsLogins && arguments.GetValue(CredentialsFile) is { } file ? LoginsIn(file) : null,
            Mirrors = arguments.GetValue(Mirrors) ?? [],
            AllowPrivate = arguments.GetValue(AllowPrivate),
            Connections = Math.Max(defaults.Connections, arguments.GetValue(Jobs).GetValueOrDefault() + MoreConnections),
        };
    }

    /// <summary>An option that takes a platform; anything else is a usage error.</summary>
    public static Option<Platform?> Platform(string name = "--platform") => new(name)
    {
        Description = "Platform to choose from a multi-platform image: OS/ARCH or OS/ARCH/VARIANT. Default: this machine's.",
        HelpName = "OS/ARCH",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!Oci.Platform.TryParse(text, out Platform? platform))
            {
                result.AddError($"{name}: '{text}' is not a platform: expected OS/ARCH or OS/ARCH/VARIANT");
            }

            return platform;
        },
    };

    public static Option<ManifestFormat?> Format() => new("--format")
    {
        Description = "Format of the manifest in a registry: docker or oci. Default: the one the image came with, else docker.",
        HelpName = "NAME",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (text is "docker" or "oci")
            {
                return text == "oci" ? ManifestFormat.Oci : ManifestFormat.Docker;
            }

            result.AddError($"--format: '{text}' is neither docker nor oci");
            return null;
        },
    };

    public static void RefuseDockerWithZstd(Command command, Option<ManifestFormat?> format, Option<CompressionKind?> compression) =>
        command.Validators.Add(result =>
        {
            if (result.GetValue(compression) == CompressionKind.Zstd && result.GetValue(format) == ManifestFormat.Docker)
            {
                result.AddError("--compression: a docker manifest has no media type for zstd; use --format oci");
            }
        });

    private static Option<int?> Positive(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, out int value) && value > 0)
            {
                return value;
            }

            result.AddError($"{name}: '{result.Tokens[0].Value}' is not a number of 1 or more");
            return null;
        },
    };

    private sealed class GivenCredentials(RegistryCredentials credentials) : ICredentialSource
    {
        public ValueTask<RegistryCredentials?> FindAsync(string domain, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<RegistryCredentials?>(credentials);
    }
}
