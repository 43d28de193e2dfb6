using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Images;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs index create|add|remove</c>: makes and changes indexes.</summary>
internal static class IndexCommand
{
    private const string WhenCancelled = "the index is unchanged; blobs already copied may stay";

    public static Command Create() => new Command("index", "Make and change an index, one name for several platforms.")
    {
        CreateIndex(), Add(), Remove(),
    }.With(
        "blobs index create registry.example/app:1 registry.example/app:1-amd64 registry.example/app:1-arm64",
        "blobs index remove registry.example/app:1 --platform linux/arm/v7");

    private static Command CreateIndex()
    {
        Argument<Place> target = ManifestArguments.Required("TARGET", $"The new index: {ManifestArguments.Forms}.");
        Argument<Place[]> members =
            Members("Its images. Of an index, every member is added. They are copied if TARGET does not have them.");
        Option<IReadOnlyDictionary<string, string>> annotations =
            KeyValues.Option("--annotation", "Annotation of the index; may be repeated.");
        var command = new Command("create", "Make an index of images; their configs tell the platforms.") { target, members, annotations };
        return Runs(command, withAll: true, (arguments, options, progress, cancellationToken) => IndexEditor.CreateAsync(
            arguments.GetRequiredValue(target).Image!,
            Images(arguments.GetRequiredValue(members)),
            arguments.GetValue(annotations),
            options,
            progress,
            cancellationToken)).With(
                "blobs index create registry.example/app:1 registry.example/app:1-amd64 registry.example/app:1-arm64",
                "blobs index create oci:layout:1 oci-archive:amd64.tar oci-archive:arm64.tar");
    }

    private static Command Add()
    {
        Argument<Place> index = ManifestArguments.Required("INDEX", $"The index: {ManifestArguments.Forms}.");
        Argument<Place[]> members = Members("Images to add. Each replaces the one for the same platform, with its attestations.");
        var command = new Command("add", "Add images to an index.") { index, members };
        return Runs(command, withAll: true, (arguments, options, progress, cancellationToken) => IndexEditor.AddAsync(
            arguments.GetRequiredValue(index).Image!,
            Images(arguments.GetRequiredValue(members)),
            options,
            progress,
            cancellationToken)).With("blobs index add registry.example/app:1 oci-archive:riscv64.tar");
    }

    private static Command Remove()
    {
        Argument<Place> index = ManifestArguments.Required("INDEX", $"The index: {ManifestArguments.Forms}.");
        Option<Platform[]> platforms = Platforms();
        var command = new Command("remove", "Remove the images for a platform from an index, with their attestations.")
        {
            index, platforms,
        };
        return Runs(command, withAll: false, (arguments, options, _, cancellationToken) => IndexEditor.RemoveAsync(
            arguments.GetRequiredValue(index).Image!, arguments.GetRequiredValue(platforms), options, cancellationToken))
            .With("blobs index remove registry.example/app:1 --platform linux/arm/v7");
    }

    private static Command Runs(
        Command command,
        bool withAll,
        Func<ParseResult, CopyOptions, IProgress<TransferProgress>?, CancellationToken, Task<CopyResult>> work)
    {
        Option<bool> all = CopyCommand.All();
        if (withAll)
        {
            command.Options.Add(all);
        }

        ManifestWork.Runs(command, WhenCancelled, (arguments, client, jobs) => new CopyOptions
        {
            WithReferrers = withAll && arguments.GetValue(all),
            Client = client,
            LayersAtOnce = jobs,
        }, work);
        return command;
    }

    private static Argument<Place[]> Members(string description) =>
        ManifestArguments.Many("IMAGE", $"{description} {ManifestArguments.Forms}.");

    private static ImagePlace[] Images(Place[] places) => Array.ConvertAll(places, place => place.Image!);

    private static Option<Platform[]> Platforms() => new("--platform")
    {
        Description = "Platform to remove, OS/ARCH or OS/ARCH/VARIANT; may be repeated.",
        HelpName = "OS/ARCH",
        Required = true,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result =>
        {
            var platforms = new List<Platform>();
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                if (Platform.TryParse(text, out Platform? platform))
                {
                    platforms.Add(platform!);
                }
                else
                {
                    result.AddError($"--platform: '{text}' is not a platform: expected OS/ARCH or OS/ARCH/VARIANT");
                }
            }

            return [.. platforms];
        },
    };
}
