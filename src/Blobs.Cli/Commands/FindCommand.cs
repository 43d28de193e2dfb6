using System.CommandLine;
using Blobs.Cli.Contents;
using Blobs.Cli.Places;
using Blobs.Cli.Stores;
using Blobs.Errors;
using Blobs.Hashing.Internal;
using Blobs.Images;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs find PATTERN [PLACE…]</c>: finds files in images.</summary>
internal static class FindCommand
{
    public static Command Create()
    {
        var pattern = new Argument<FilePattern>("PATTERN")
        {
            Description = "A glob: on the last part of the path, or on the whole path if it has a slash; ** stands for any directories. "
                + "sha256:… means files with that content.",
            CustomParser = result =>
            {
                try
                {
                    return new FilePattern(result.Tokens[0].Value);
                }
                catch (Exception fault) when (fault is MalformedDataException or ArgumentException)
                {
                    result.AddError($"'{result.Tokens[0].Value}' is not a pattern: {fault.Message}");
                    return null!;
                }
            },
        };
        Argument<Place[]> searched = PlaceArguments.Many(
            "PLACE", $"Where to look: {Place.Forms}, container:NAME or layer:CHAINID. Default: all images of the data root.",
            ArgumentArity.ZeroOrMore, takesPath: false);
        Option<bool> json = CommonOptions.Json();
        var places = new PlaceOptions();
        var command = new Command("find", "Find files in images, by name or by content.") { pattern, searched, json };
        places.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            FilePattern wanted = arguments.GetRequiredValue(pattern);
            bool asJson = arguments.GetValue(json);
            var found = new List<FoundReport>();
            Place[] all = arguments.GetValue(searched) is { Length: > 0 } named
                ? named
                : await ImagesAsync(places, arguments, cancellationToken).ConfigureAwait(false);
            foreach (Place place in all)
            {
                ImageEntry root = await OpenedFiles.UseAsync(
                    places,
                    arguments,
                    place,
                    new ImageReadOptions { HashesContent = wanted.NeedsContent },
                    asJson,
                    files => files.System.ReadTreeAsync(cancellationToken),
                    cancellationToken).ConfigureAwait(false);
                foreach (ImageEntry entry in Below(root).Where(wanted.Fits))
                {
                    found.Add(new FoundReport($"{place}", FileReport.From(entry)));
                    WriteLine(asJson, $"{place}:{FileText.PathOf(entry)}");
                }
            }

            if (asJson)
            {
                Output.WriteJson([.. found], FileJson.Default.FoundReportArray);
            }
        });
        return command.With(
            "blobs find 'libssl.so*'",
            "blobs find '/usr/**/*.jar' docker://registry.example/app:1 oci:layout:1",
            "blobs find sha256:… --root /var/lib/docker");
    }

    private static void WriteLine(bool asJson, string line)
    {
        if (!asJson)
        {
            Console.Out.WriteLine(line);
        }
    }

    private static IEnumerable<ImageEntry> Below(ImageEntry directory) =>
        directory.Children.SelectMany(entry => Below(entry).Prepend(entry));

    private static async Task<Place[]> ImagesAsync(PlaceOptions places, ParseResult arguments, CancellationToken cancellationToken)
    {
        using ImageStore store = await places.OpenStoreAsync(arguments, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<ListedImage> images = await store.ListAsync(all: false, cancellationToken).ConfigureAwait(false);
        return [.. images.Select(image => Place.Parse(NameOf(image)))];
    }

    private static string NameOf(ListedImage image) => image.Tags.Count > 0 ? image.Tags[0].Familiar : DigestText.Shorten($"{image.Id}");
}
