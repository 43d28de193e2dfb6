using Blobs.Json.Internal;

namespace Blobs.Docker;

/// <summary>The location of a tree in its storage driver, as <c>docker inspect</c> prints it.</summary>
/// <param name="Name">The storage driver's name.</param>
/// <param name="Data">The tree's directories; null if there is no tree.</param>
internal sealed record DriverData(string Name, IReadOnlyDictionary<string, string>? Data)
{
    public void Write(GoJsonWriter json)
    {
        json.Name("GraphDriver");
        json.BeginObject();
        json.Name("Data");
        json.Map(Data);
        json.Text("Name", Name);
        json.EndObject();
    }
}
