using Blobs.Json.Internal;

namespace Blobs.Docker;

/// <summary>Where a storage driver keeps a tree, as <c>docker inspect</c> prints it.</summary>
/// <param name="Name">The driver.</param>
/// <param name="Data">Its directories; null when there is no tree.</param>
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
