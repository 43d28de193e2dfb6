using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Images;

namespace Blobs.Cli.Contents;

/// <summary>The file system of a place that was opened.</summary>
internal sealed class OpenedFiles(OpenedPlace place, ImageReadOptions options)
{
    public OpenedPlace Place => place;

    public ImageFileSystem System { get; } = new(place.Layers, options);

    /// <summary>Opens a place and works with its files. Progress is shown on a terminal while the work lasts.</summary>
    /// <param name="places">The options of the verb.</param>
    /// <param name="arguments">The call.</param>
    /// <param name="place">The place.</param>
    /// <param name="options">How its files are read.</param>
    /// <param name="isQuiet">Whether to show no progress.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<T> UseAsync<T>(
        PlaceOptions places,
        ParseResult arguments,
        Place place,
        ImageReadOptions options,
        bool isQuiet,
        Func<OpenedFiles, Task<T>> work,
        CancellationToken cancellationToken)
    {
        OpenedPlace opened = await places.OpenAsync(arguments, place, cancellationToken).ConfigureAwait(false);
        await using (opened.ConfigureAwait(false))
        {
            return await LayerProgressLines.RunAsync(
                isQuiet || Console.IsErrorRedirected,
                LayerWords.Read,
                async progress =>
                {
                    var files = new OpenedFiles(opened, options with { Progress = progress });
                    return await work(files).ConfigureAwait(false);
                },
                clears: true).ConfigureAwait(false);
        }
    }

}
