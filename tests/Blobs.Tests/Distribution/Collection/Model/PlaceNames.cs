namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>
/// The names of places in the programs of hosts and collectors. A place is called after the request, where there is
/// one, and the step that comes next: HeadTouchLink is "HEAD: TouchLink". What follows the step's name tells apart
/// places that take the same step.
/// </summary>
internal static class PlaceNames
{
    private static readonly (string Prefix, string Title)[] Requests =
        [("Head", "HEAD: "), ("Commit", "commit: "), ("Put", "PUT: "), ("", "")];

    /// <summary>How a trace names a place.</summary>
    public static string TitleOf(string place)
    {
        (string prefix, string title) = RequestOf(place);
        return title + place[prefix.Length..];
    }

    /// <summary>The step that comes next at a place; null where nothing of the protocol does.</summary>
    public static CollectionStep? StepOf(string place)
    {
        string rest = place[RequestOf(place).Prefix.Length..];
        return Enum.GetValues<CollectionStep>()
            .Where(step => rest.StartsWith(step.ToString(), StringComparison.Ordinal))
            .OrderByDescending(step => step.ToString().Length)
            .Select(step => (CollectionStep?)step)
            .FirstOrDefault();
    }

    private static (string Prefix, string Title) RequestOf(string place) =>
        Array.Find(Requests, request => place.StartsWith(request.Prefix, StringComparison.Ordinal));
}
