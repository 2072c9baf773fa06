# The programs, each with both libraries.
foreach(library qnet qnet_static)
  add_executable(c_with_${library} ${CMAKE_CURRENT_LIST_DIR}/consumer.c)
  add_executable(cpp_with_${library} ${CMAKE_CURRENT_LIST_DIR}/consumer.cpp)
  target_compile_features(cpp_with_${library} PRIVATE cxx_std_17)
  foreach(program c_with_${library} cpp_with_${library})
    target_link_libraries(${program} PRIVATE qnet::${library})
  endforeach()
endforeach()
