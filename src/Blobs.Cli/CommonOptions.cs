using System.CommandLine;
using System.Globalization;
using Blobs.Cli.Stores;
using Blobs.Compression;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Trees;

namespace Blobs.Cli;

/// <summary>Options that several verbs share. The parser needs new objects for every verb.</summary>
internal static class CommonOptions
{
    private const string DefaultDirectory = "./blobs-data";

    private const string RootVariableName = "BLOBS_ROOT";
    private const string StoreVariableName = "BLOBS_STORE";

    /// <summary>The data root that <c>$BLOBS_ROOT</c> names; null when it is unset or empty.</summary>
    public static string? RootVariable => Variable(RootVariableName);

    /// <summary>The data root of a call that names none.</summary>
    public static string RootOrDefault => RootVariable ?? DefaultDirectory;

    /// <summary>The registry's directory that <c>$BLOBS_STORE</c> names; null when it is unset or empty.</summary>
    public static string? StoreVariable => Variable(StoreVariableName);

    public static Option<string> Root()
    {
        Option<string> root = Folder(
            "--root", RootVariableName, "Docker data root; $BLOBS_ROOT sets the default.");
        root.Validators.Add(result =>
        {
            if (result.Tokens is [var word] && RootPlace.FaultIn(word.Value) is { } fault)
            {
                result.AddError($"--root: {fault}");
            }
        });
        return root;
    }

    public static Option<string> Store() => Folder(
        "--store", StoreVariableName, "Registry's directory; $BLOBS_STORE sets the default. It contains docker/registry/v2.");

    public static Option<string?> Driver()
    {
        var option = new Option<string?>("--driver")
        {
            Description = "Storage driver: overlay2, overlay, or vfs for plain directories. Default: the root's own, else overlay2.",
            HelpName = "NAME",
        };
        option.AcceptOnlyFromAmong([.. StorageDrivers.All]);
        return option;
    }

    /// <summary>For verbs that write.</summary>
    public static Option<TimeSpan?> LockWait() => new("--wait")
    {
        Description = "How long to wait while another blobs process uses the root; 0 fails at once. Default: no limit.",
        HelpName = "SECONDS",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
            {
                return TimeSpan.FromSeconds(seconds);
            }

            result.AddError("--wait takes a number of seconds, 0 or more.");
            return null;
        },
    };

    /// <summary>For verbs that write to a data root.</summary>
    public static Option<Durability> Durability() => new("--durability")
    {
        Description = "What to sync to disk: none, commit (each layer once, before it becomes visible) or full (every file as well).",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => Files.Durability.Commit,
    };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON instead of text." };

    public static Option<string> Output() => new("--output", "-o")
    {
        Description = "Write the tar to FILE; - is standard output.",
        HelpName = "FILE",
        DefaultValueFactory = _ => "-",
    };

    private static Option<string> Folder(string name, string variable, string description)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = "DIR",
            DefaultValueFactory = _ => Variable(variable) ?? DefaultDirectory,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError($"{name} takes a directory.");
            }
        });
        return option;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } folder ? folder : null;

    /// <summary>For verbs that write a tar: their JSON must not mix with it.</summary>
    public static Option<bool> JsonBesideData()
    {
        Option<bool> json = Json();
        json.Description = "Print JSON about the tar; on stderr when the tar goes to standard output.";
        return json;
    }

    /// <summary>For verbs that make a layer from changes.</summary>
    public static Option<DiffForm> DiffForm()
    {
        var forms = new Dictionary<string, DiffForm>
        {
            ["24.0"] = Trees.DiffForm.Engine24,
            ["23.0"] = Trees.DiffForm.Engine23,
            ["20.10"] = Trees.DiffForm.Engine20,
        };
        var option = new Option<DiffForm>("--as")
        {
            Description = "Write the layer's tar as this docker version does, which decides its DiffID: 24.0 (and later), 23.0 or 20.10.",
            HelpName = "VERSION",
            DefaultValueFactory = _ => Trees.DiffForm.Engine24,
            CustomParser = result =>
            {
                if (!forms.TryGetValue(result.Tokens[0].Value, out DiffForm form))
                {
                    result.AddError($"--as: '{result.Tokens[0].Value}' is not one of {string.Join(", ", forms.Keys)}");
                }

                return form;
            },
        };
        return option;
    }

    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Print the result only: no progress, no notes." };

    public static Option<CompressionKind?> Compression()
    {
        var option = new Option<CompressionKind?>("--compression")
        {
            Description = "Compression of layers: none, gzip or zstd. Default: as the layers are, else the usual one of the format.",
            HelpName = "KIND",
            CustomParser = result => Enum.TryParse(result.Tokens[0].Value, ignoreCase: true, out CompressionKind kind) ? kind : null,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("none" or "gzip" or "zstd") } word])
            {
                result.AddError($"--compression: '{word.Value}' is not none, gzip or zstd");
            }
        });
        return option;
    }

    public static Option<Digest?> ExpectedDigest() =>
        Parsed<Digest>("--expect-digest", "DIGEST", "Fail unless FILE has this digest.");

    public static Option<DiffId?> ExpectedDiffId() =>
        Parsed<DiffId>("--expect-diffid", "DIFFID", "Fail unless the uncompressed tar has this DiffID.");

    /// <summary>An option that takes a digest; anything else is a usage error.</summary>
    public static Option<T?> Parsed<T>(string name, string helpName, string description)
        where T : struct, IParsable<T> => new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                try
                {
                    return T.Parse(text, null);
                }
                catch (MalformedDataException error)
                {
                    result.AddError($"{name}: {error.Message}");
                    return null;
                }
            },
        };
}
