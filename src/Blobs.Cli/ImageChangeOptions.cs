using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Cli;

/// <summary>The options that change the config and the annotations of an image.</summary>
internal sealed class ImageChangeOptions
{
    private readonly Option<string[]> _env = Pairs("--env", "-e", "Set an environment variable.");
    private readonly Option<string[]> _label = Pairs("--label", "-l", "Set a label; NAME= without a value removes it.");
    private readonly Option<string[]> _annotation = Pairs("--annotation", "-a", "Set an annotation; NAME= without a value removes it.");
    private readonly Option<string[]?> _entrypoint = Words("--entrypoint", "Entrypoint: one word, or a JSON list of words.");
    private readonly Option<string[]?> _cmd = Words("--cmd", "Command: one word, or a JSON list of words.");
    private readonly Option<string?> _user = Text("--user", "-u", "USER[:GROUP]", "User to run as, names or numbers.");
    private readonly Option<string?> _workdir = Text("--workdir", "-w", "DIR", "Working directory.");
    private readonly Option<string?> _stopSignal = Text("--stop-signal", null, "SIGNAL", "Signal that stops the container.");
    private readonly Option<string?> _author = Text("--author", null, "TEXT", "Author of the image.");
    private readonly Option<Platform?> _platform = RegistryAccessOptions.Platform("--set-platform");
    private readonly Option<DateTimeOffset?> _created = Time(
        "--created", "When the image was made. Default: $SOURCE_DATE_EPOCH, else unchanged.");

    private readonly Option<DateTimeOffset?> _layerTimes = Time(
        "--layer-times", "One time of modification for all files. It makes every layer anew.");
    private readonly Option<string[]> _port = Many("--port", "PORT[/PROTOCOL]", "Add a port that is listened on.", IsPort);
    private readonly Option<string[]> _volume = Many("--volume", "PATH", "Add a volume.", path => path.StartsWith('/'));

    public void AddTo(Command command)
    {
        _platform.Description = "Platform that the config names: OS/ARCH or OS/ARCH/VARIANT.";
        Option[] options =
        [
            _env, _label, _annotation, _entrypoint, _cmd, _user, _workdir, _port, _volume, _stopSignal, _author, _created, _layerTimes,
            _platform,
        ];
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Makes the changes that were asked for.</summary>
    public OciImage Apply(ParseResult arguments, OciImage image)
    {
        image = image.WithConfig(config => Apply(arguments, config));
        foreach ((string name, string value) in PairsOf(arguments, _annotation))
        {
            image = image.WithAnnotation(name, value.Length > 0 ? value : null);
        }

        image = image with
        {
            Author = arguments.GetValue(_author) ?? image.Author,
            Platform = arguments.GetValue(_platform) ?? image.Platform,
        };
        image = arguments.GetValue(_layerTimes) is { } modified ? image.WithLayerTimes(modified) : image;
        return (arguments.GetValue(_created) ?? SourceDate.FromEnvironment()) is { } time ? image.WithCreated(time) : image;
    }

    private RunConfig Apply(ParseResult arguments, RunConfig config)
    {
        config = PairsOf(arguments, _env).Aggregate(config, (changed, pair) => changed.WithVariable(pair.Name, pair.Value));
        config = PairsOf(arguments, _label)
            .Aggregate(config, (changed, pair) => changed.WithLabel(pair.Name, pair.Value.Length > 0 ? pair.Value : null));
        config = (arguments.GetValue(_port) ?? [])
            .Aggregate(config, (changed, port) => changed.WithPort(port.Contains('/', StringComparison.Ordinal) ? port : $"{port}/tcp"));
        config = (arguments.GetValue(_volume) ?? []).Aggregate(config, (changed, path) => changed.WithVolume(path));
        return config with
        {
            Entrypoint = WordsOf(arguments, _entrypoint) ?? config.Entrypoint,
            Cmd = WordsOf(arguments, _cmd) ?? config.Cmd,
            User = arguments.GetValue(_user) ?? config.User,
            WorkingDir = arguments.GetValue(_workdir) ?? config.WorkingDir,
            StopSignal = arguments.GetValue(_stopSignal) ?? config.StopSignal,
        };
    }

    private static IEnumerable<(string Name, string Value)> PairsOf(ParseResult arguments, Option<string[]> option) =>
        (arguments.GetValue(option) ?? []).Select(text => text.Split('=', 2)).Select(parts => (parts[0], parts[1]));

    // The parser gives an empty list for an option that is not there.
    private static string[]? WordsOf(ParseResult arguments, Option<string[]?> option) =>
        arguments.GetResult(option) is null ? null : arguments.GetValue(option);

    private static bool IsPort(string text)
    {
        string[] parts = text.Split('/');
        return parts.Length <= 2 && ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            && (parts.Length == 1 || parts[1] is "tcp" or "udp" or "sctp");
    }

    private static Option<string[]> Pairs(string name, string alias, string description)
    {
        Option<string[]> option = Many(name, "NAME=VALUE", description, text => text.IndexOf('=', StringComparison.Ordinal) > 0);
        option.Aliases.Add(alias);
        return option;
    }

    private static Option<string[]> Many(string name, string helpName, string description, Func<string, bool> isValid)
    {
        var option = new Option<string[]>(name) { Description = $"{description} May be repeated.", HelpName = helpName };
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens.Where(token => !isValid(token.Value)))
            {
                result.AddError($"{name}: '{token.Value}' is not {helpName}");
            }
        });
        return option;
    }

    private static Option<string?> Text(string name, string? alias, string helpName, string description) =>
        new(name, alias is null ? [] : [alias]) { Description = description, HelpName = helpName };

    private static Option<string[]?> Words(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "WORDS",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!text.StartsWith('['))
            {
                return text.Length > 0 ? [text] : [];
            }

            try
            {
                string?[]? words = JsonSerializer.Deserialize(text, WordsJson.Default.StringArray);
                if (words is not null && !words.Contains(null))
                {
                    return words!;
                }
            }
            catch (JsonException)
            {
            }

            result.AddError($"{name}: '{text}' is not a JSON list of strings");
            return null;
        },
    };

    private static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = $"{description} RFC 3339, or seconds since 1970.",
        HelpName = "TIME",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
                && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            {
                return DateTimeOffset.FromUnixTimeSeconds(seconds);
            }

            const string Form = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";
            if (DateTimeOffset.TryParseExact(
                text, Form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            {
                return time;
            }

            result.AddError($"{name}: '{text}' is neither RFC 3339 nor seconds since 1970");
            return null;
        },
    };
}
