using System.CommandLine;
using System.Globalization;
using Blobs.Compression;
using Blobs.Files;
using Blobs.Layers;

namespace Blobs.Cli;

/// <summary>Options that several verbs share. Each verb has objects of its own, as the parser wants it.</summary>
internal static class CommonOptions
{
    private const string UsualPlace = "./blobs-data";

    private const string RootName = "BLOBS_ROOT";
    private const string StoreName = "BLOBS_STORE";

    /// <summary>What the environment says of the data root; null when it says nothing.</summary>
    public static string? RootVariable => Variable(RootName);

    /// <summary>The same of the registry's directory.</summary>
    public static string? StoreVariable => Variable(StoreName);

    public static Option<string> Root() =>
        Place("--root", RootName, "The Docker data root to work on. Default: $BLOBS_ROOT, else ./blobs-data.");

    public static Option<string> Store() => Place(
        "--store", StoreName, "The registry's directory, the one above docker/registry/v2. Default: $BLOBS_STORE, else ./blobs-data.");

    public static Option<string?> Driver()
    {
        var option = new Option<string?>("--driver")
        {
            Description = "How trees are kept: overlay2, overlay, or vfs for plain directories. Default: what the root has, else overlay2.",
            HelpName = "NAME",
        };
        option.AcceptOnlyFromAmong([.. StorageDrivers.All]);
        return option;
    }

    /// <summary>For verbs that write.</summary>
    public static Option<TimeSpan?> LockWait() => new("--wait")
    {
        Description = "How long to wait while another blobs writes to the root; 0 fails at once. Default: until it is done.",
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
        Description = "What is synced to disk: none, commit (all of a layer, once, before it gets its name), full (each file, too).",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => Files.Durability.Commit,
    };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON instead of text." };

    public static Option<string> Output() => new("--output", "-o")
    {
        Description = "Where the tar goes; - is standard output.",
        HelpName = "FILE",
        DefaultValueFactory = _ => "-",
    };

    private static Option<string> Place(string name, string variable, string description)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = "DIR",
            DefaultValueFactory = _ => Variable(variable) ?? UsualPlace,
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

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } place ? place : null;

    /// <summary>JSON from a verb whose result is data, not the report about it.</summary>
    public static Option<bool> JsonBesideData()
    {
        Option<bool> json = Json();
        json.Description = "Print JSON about the tar; to stderr when standard output has the tar.";
        return json;
    }

    /// <summary>For verbs that make a layer of a change.</summary>
    public static Option<DiffForm> DiffForm()
    {
        var forms = new Dictionary<string, DiffForm>
        {
            ["24.0"] = Layers.DiffForm.Engine24,
            ["23.0"] = Layers.DiffForm.Engine23,
            ["20.10"] = Layers.DiffForm.Engine20,
        };
        var option = new Option<DiffForm>("--as")
        {
            Description = "Make the layer's tar as this engine does, which decides its DiffID: 24.0 (and later), 23.0 or 20.10.",
            HelpName = "ENGINE",
            DefaultValueFactory = _ => Layers.DiffForm.Engine24,
            CustomParser = result =>
            {
                if (!forms.TryGetValue(result.Tokens[0].Value, out DiffForm form))
                {
                    result.AddError($"--as: '{result.Tokens[0].Value}' is none of {string.Join(", ", forms.Keys)}");
                }

                return form;
            },
        };
        return option;
    }

    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "No progress, no talk: only the result." };

    public static Option<CompressionKind?> Compression()
    {
        var option = new Option<CompressionKind?>("--compression")
        {
            Description = "How layers are compressed: none, gzip or zstd. Default: as they are, else what the format is used to.",
            HelpName = "KIND",
            CustomParser = result => Enum.TryParse(result.Tokens[0].Value, ignoreCase: true, out CompressionKind kind) ? kind : null,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("none" or "gzip" or "zstd") } word])
            {
                result.AddError($"--compression: '{word.Value}' is none of none, gzip and zstd");
            }
        });
        return option;
    }

    /// <summary>An option whose value is a digest of some kind, refused as wrong usage when it does not parse.</summary>
    public static Option<T?> Parsed<T>(string name, string helpName, string description)
        where T : struct, IParsable<T> => new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (T.TryParse(text, null, out T value))
                {
                    return value;
                }

                result.AddError($"{name}: '{text}' is not a digest: expected sha256: and 64 lower-case hex digits");
                return null;
            },
        };
}
