using System.CommandLine;
using System.CommandLine.Parsing;
using Blobs.Cli.Places;
using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Files;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli;

/// <summary>The options of a verb that makes an image from others, and writes it to a place.</summary>
internal sealed class NewImageOptions
{
    private readonly Option<Place?> _to = PlaceArguments.Option(
        "--to", $"Where the new image goes: {Place.Forms}. FILE of an archive may be -, standard output.");

    private readonly Option<CompressionKind?> _compression = CommonOptions.Compression();
    private readonly Option<ManifestFormat?> _format = RegistryAccessOptions.Format();
    private readonly Option<TimeSpan?> _wait = CommonOptions.LockWait();
    private readonly Option<Durability> _durability = CommonOptions.Durability();
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly Option<bool> _quiet = CommonOptions.Quiet();
    private readonly PlaceOptions _places = new();

    /// <summary>The argument that names the image to start from.</summary>
    public static Argument<Place> Base(string description)
    {
        Argument<Place> place = PlaceArguments.Required("PLACE", $"{description}: {Place.Forms}.", takesPath: false);
        place.Validators.Add(result => RefuseOthers(result, result.Tokens));
        return place;
    }

    /// <summary>An option that names another image.</summary>
    public static Option<Place?> Image(string name, string description)
    {
        Option<Place?> option = PlaceArguments.Option(name, description);
        option.Required = true;
        option.Validators.Add(result => RefuseOthers(result, result.Tokens));
        return option;
    }

    public void AddTo(Command command)
    {
        _to.Required = true;
        _to.Validators.Add(result => RefuseOthers(result, result.Tokens));
        command.Options.Add(_to);
        command.Options.Add(_compression);
        command.Options.Add(_format);
        _places.AddTo(command, transfers: true);
        command.Options.Add(_wait);
        command.Options.Add(_durability);
        command.Options.Add(_json);
        command.Options.Add(_quiet);
        RegistryAccessOptions.RefuseDockerWithZstd(command, _format, _compression);
    }

    /// <summary>Makes <paramref name="make"/> and the writing of its result the action of <paramref name="command"/>.</summary>
    public void Runs(Command command, Func<ParseResult, CancellationToken, Task> make) => command.Runs(WhenCancelled, make);

    /// <summary>Opens the image of a place.</summary>
    /// <exception cref="WorkFailedException">It is an artifact.</exception>
    public async Task<OpenedPlace> OpenAsync(ParseResult arguments, Place place, CancellationToken cancellationToken)
    {
        OpenedPlace opened = await _places.OpenAsync(arguments, place, cancellationToken).ConfigureAwait(false);
        if (opened.Image is not null)
        {
            return opened;
        }

        await using (opened.ConfigureAwait(false))
        {
            throw new WorkFailedException(opened.Artifact is { } artifact
                ? $"{place}: is an artifact of type {artifact.Type}, not an image"
                : $"{place}: is a container; commit it to an image first");
        }
    }

    /// <summary>The platform that was asked for; null for this machine's.</summary>
    public Platform? PlatformIn(ParseResult arguments) => _places.PlatformIn(arguments);

    /// <summary>Sends the new image to its place, and reports it.</summary>
    public async Task SendAsync(ParseResult arguments, OciImage image, CancellationToken cancellationToken)
    {
        ImagePlace target = Target(arguments);
        using RegistryClient client = _places.Registry.Connect(arguments);
        var options = new CopyOptions
        {
            Compression = arguments.GetValue(_compression),
            Format = arguments.GetValue(_format),
            LayersAtOnce = arguments.GetValue(_places.Registry.Jobs),
            Client = client,
            Driver = _places.DriverIn(arguments),
            Durability = arguments.GetValue(_durability),
            LockWait = arguments.GetValue(_wait),
            Notices = Notices.ToStandardError,
        };
        TakenImage taken = await LayerProgressLines.RunAsync(
            arguments.GetValue(_quiet),
            LayerWords.Save,
            progress => ImageCopier.SendAsync(image, target, options, progress, cancellationToken)).ConfigureAwait(false);
        Output.WriteReport(
            [TakenReport.From(taken)],
            ImageJson.Default.TakenReportArray,
            arguments.GetValue(_json),
            text => text.WriteLine($"{taken.Manifest ?? taken.Id}"),
            ArchiveFile.Of(target));
    }

    private ImagePlace Target(ParseResult arguments) => _places.Locate(arguments, arguments.GetRequiredValue(_to)!);

    private string WhenCancelled(ParseResult arguments) => Target(arguments).Transport switch
    {
        ImageTransport.DockerData or ImageTransport.ContainersStorage or ImageTransport.Containerd or ImageTransport.Oci =>
            "nothing of the image was kept",
        ImageTransport.Registry => "layers already uploaded stay in the registry",
        _ => "no complete archive was written",
    };

    // By the text: a place that does not parse has no value.
    private static void RefuseOthers(SymbolResult result, IEnumerable<Token> places)
    {
        foreach (Token place in places.Where(place => Place.IsContainerOrLayer(place.Value)))
        {
            result.AddError($"{place.Value}: an image is needed here");
        }
    }
}
