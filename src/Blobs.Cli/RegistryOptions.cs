using System.CommandLine;
using Blobs.Client;
using Blobs.Compression;
using Blobs.Oci;

namespace Blobs.Cli;

/// <summary>What every verb that talks to a registry can be told about it.</summary>
internal sealed class RegistryOptions
{
    public Option<bool> PlainHttp { get; } = new("--plain-http")
    {
        Description = "Speak HTTP, not HTTPS. Registries on this machine are tried both ways without it.",
    };

    public Option<string?> AuthorityFile { get; } = new("--ca-file")
    {
        Description = "Certificates to trust besides the system's own, PEM.",
        HelpName = "FILE",
    };

    public Option<int?> Jobs { get; } = Positive("--jobs", "Layers side by side. Default: what suits the machine, 2 to 4.");

    public void AddTo(Command command)
    {
        command.Options.Add(Jobs);
        command.Options.Add(PlainHttp);
        command.Options.Add(AuthorityFile);
    }

    public RegistryClient Connect(ParseResult arguments)
    {
        // Besides the layers there are manifests, and looks at what is there.
        const int MoreConnections = 2;
        var defaults = new RegistryClientOptions();
        return new RegistryClient(defaults with
        {
            PlainHttp = arguments.GetValue(PlainHttp),
            Warn = text => Console.Error.WriteLine($"blobs: {text.ReplaceLineEndings(" ")}"),
            CertificateAuthorityFile = arguments.GetValue(AuthorityFile),
            Connections = Math.Max(defaults.Connections, arguments.GetValue(Jobs).GetValueOrDefault() + MoreConnections),
        });
    }

    /// <summary>A platform, refused as wrong usage when it is none.</summary>
    public static Option<Platform?> Platform() => new("--platform")
    {
        Description = "Which image of several: OS/ARCH or OS/ARCH/VARIANT. Default: this machine's.",
        HelpName = "OS/ARCH",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!Oci.Platform.TryParse(text, out Platform? platform))
            {
                result.AddError($"--platform: '{text}' is no platform: expected OS/ARCH or OS/ARCH/VARIANT");
            }

            return platform;
        },
    };

    public static Option<ManifestFormat?> Format() => new("--format")
    {
        Description = "In whose words a registry's manifest is: docker or oci. Default: as it came, else docker.",
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
                result.AddError("--compression: a docker manifest has no word for zstd");
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

            result.AddError($"{name}: '{result.Tokens[0].Value}' is no number above zero");
            return null;
        },
    };
}
